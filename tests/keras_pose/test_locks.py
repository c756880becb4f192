"""A folder is locked by one process."""

import dataclasses
import errno
import json
import os
import platform
import subprocess
import sys
import threading

import pytest

from keras_pose import lock_owner, locks
from tests import conftest

no_windows = pytest.mark.skipif(locks.fcntl is None, reason="no locks on Windows")


@no_windows
def test_a_folder_is_held_by_one_at_a_time(tmp_path):
    with locks.hold_folder(tmp_path, "taken"), pytest.raises(ValueError, match="^taken: process") as caught:  # noqa: SIM117
        with locks.hold_folder(tmp_path, "taken"):
            pass
    assert f"process {os.getpid()} (" in str(caught.value)
    assert f"on {platform.node()}, since 20" in str(caught.value)
    assert str(caught.value).endswith(f"or stop it (kill {os.getpid()}), then run this command again")
    assert os.listdir(tmp_path) == []
    with locks.hold_folder(tmp_path, "taken"):
        assert os.listdir(tmp_path) == [locks.FILE_NAME]


HOLDER = """
import os, sys, time
from keras_pose import locks
with locks.hold_folder(sys.argv[1], "taken"):
    print("held", flush=True)
    time.sleep(60)
"""


@no_windows
def test_the_lock_of_a_killed_process_ends_with_it(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], cwd=conftest.ROOT, stdout=subprocess.PIPE
    ) as holder:
        try:
            assert holder.stdout.readline() == b"held\n"
            with (
                pytest.raises(ValueError, match=rf"^taken: process {holder.pid} "),
                locks.hold_folder(tmp_path, "taken"),
            ):
                pass
        finally:
            holder.kill()
    assert os.listdir(tmp_path) == [locks.FILE_NAME]  # the file stays, its lock does not
    with locks.hold_folder(tmp_path, "taken"):
        pass
    assert os.listdir(tmp_path) == []


@no_windows
def test_a_lock_on_a_file_that_its_owner_has_removed_does_not_count(tmp_path):
    counts = []

    def hold_often():
        for _ in range(50):
            try:
                with locks.hold_folder(tmp_path, "taken"):
                    inside.append(1)
                    counts.append(len(inside))
                    inside.pop()
            except ValueError:
                continue

    inside = []
    threads = [threading.Thread(target=hold_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) >= 10
    assert set(counts) == {1}
    assert os.listdir(tmp_path) == []


@no_windows
def test_a_file_system_without_locks_is_reported(tmp_path, monkeypatch):
    """No disk without locks can be made here: only the answer of the system is replaced."""

    def refuse(handle, operation):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(locks.fcntl, "flock", refuse)
    reported = pytest.warns(locks.NoLocksWarning, match=r"\.lock: this file system has no locks \(No locks avail")
    with reported, locks.hold_folder(tmp_path, "taken"):
        pass
    owner = lock_owner.Owner(os.getppid(), platform.node(), "now", "train.py")
    (tmp_path / locks.FILE_NAME).write_text(json.dumps(dataclasses.asdict(owner)))
    with pytest.raises(ValueError, match=rf"^taken: process {os.getppid()} \(train.py\)"):  # noqa: SIM117
        with locks.hold_folder(tmp_path, "taken"):
            pass
