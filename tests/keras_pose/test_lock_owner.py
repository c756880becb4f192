"""Who holds a folder: written and read back, alive or not, and what a refused process says."""

import os
import platform
import subprocess
import sys

import pytest

from keras_pose import lock_owner


@pytest.fixture
def handle(tmp_path):
    opened = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    yield opened
    os.close(opened)


def test_an_owner_comes_back_and_replaces_a_longer_one(handle):
    assert lock_owner.read(handle) is None
    lock_owner.write(
        handle, lock_owner.Owner(1, "a-host-with-a-long-name" * 5, "2026-01-01 10:00:00+01:00", "train.py")
    )
    owner = lock_owner.this_process()
    lock_owner.write(handle, owner)
    assert lock_owner.read(handle) == owner
    assert (owner.pid, owner.host) == (os.getpid(), platform.node())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"pid": "x"}', b"\0" * 50, b"\xff"])
def test_what_names_no_owner_is_none(handle, content):
    os.pwrite(handle, content, 0)
    assert lock_owner.read(handle) is None


def test_whether_it_is_alive():
    assert lock_owner.this_process().is_alive()
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    assert lock_owner.Owner(ended.pid, platform.node(), "", "").is_alive() is False
    assert lock_owner.Owner(1, "elsewhere", "", "").is_alive() is None


def test_a_refusal_names_the_process_and_the_way_on():
    owner = lock_owner.Owner(4711, "elsewhere", "2026-01-01 10:00:00+01:00", "train.py")
    assert lock_owner.describe_refusal("taken", owner) == (
        "taken: process 4711 (train.py) on elsewhere, since 2026-01-01 10:00:00+01:00; wait until it ends, or stop it "
        "on elsewhere, then run this command again"
    )
    assert "has written no name yet" in lock_owner.describe_refusal("taken", None)
