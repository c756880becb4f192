"""Versions in a folder that a server watches: complete or invisible, and never changed."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from keras_pose import files, locks
from keras_pose.exporting import publish
from tests.helpers.exported_runs import ROOT

# Writes versions of two files that must agree, slowly, until it is killed.
_WRITER = """
import os, sys, time
from keras_pose.exporting import publish

while True:
    with publish.new_version(sys.argv[1]) as (version, folder):
        for name in ("a", "b"):
            with open(os.path.join(folder, name), "w") as file:
                for _ in range(20):
                    file.write(f"{version} ")
                    file.flush()
                    time.sleep(0.001)
    print(version, flush=True)
"""


def write(folder, version=0):
    with publish.new_version(folder, version) as (number, path):
        (open(os.path.join(path, "model"), "w")).close()
    return number


def test_versions_count_up(tmp_path):
    assert [write(tmp_path / "pose") for _ in range(3)] == [1, 2, 3]
    assert write(tmp_path / "pose", 17) == 17
    assert write(tmp_path / "pose") == 18
    assert publish.versions(tmp_path / "pose") == [1, 2, 3, 17, 18]
    assert sorted(os.listdir(tmp_path / "pose")) == ["1", "17", "18", "2", "3"]
    assert publish.versions(tmp_path / "nothing") == []


@pytest.mark.parametrize("name", ["4", "004"])
def test_an_existing_version_is_never_overwritten(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine").write_text("kept")
    with pytest.raises(ValueError, match=r"--version: .*4 exists, and a version is never overwritten"):
        write(tmp_path, 4)
    assert (tmp_path / name / "mine").read_text() == "kept"
    assert os.listdir(tmp_path) == [name]


def test_versions_are_numbers_that_servers_can_read(tmp_path):
    (tmp_path / "pose" / str(2**63)).mkdir(parents=True)
    assert write(tmp_path / "pose") == 1
    with pytest.raises(ValueError, match=f"--version: expected at most {2**63 - 1}, an int64, received {2**63}"):
        write(tmp_path / "pose", 2**63)
    assert write(tmp_path / "pose", 2**63 - 1) == 2**63 - 1
    with pytest.raises(ValueError, match="--version: expected at most"):
        write(tmp_path / "pose")


def test_a_version_that_appears_during_the_export_is_kept(tmp_path):
    def race():
        with publish.new_version(tmp_path, 4):
            (tmp_path / "4").mkdir()

    with pytest.raises(ValueError, match="--version"):
        race()
    assert os.listdir(tmp_path) == ["4"]


def test_an_error_leaves_no_files(tmp_path):
    def fail():
        with publish.new_version(tmp_path) as (_, folder):
            (open(os.path.join(folder, "half"), "w")).close()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert os.listdir(tmp_path) == []


def test_an_unfinished_version_is_hidden_and_not_a_number(tmp_path):
    with publish.new_version(tmp_path) as (_, folder):
        assert os.path.basename(folder).startswith(".")
        assert publish.versions(tmp_path) == []
    assert os.stat(tmp_path / "1").st_mode & 0o055 == 0o055 & ~files.umask()


@pytest.mark.skipif(locks.fcntl is None, reason="no locks on Windows")
def test_two_exports_at_once_are_refused(tmp_path):
    with publish.new_version(tmp_path) as (_, folder):
        with pytest.raises(ValueError, match="--export_dir: another export is writing"):
            write(tmp_path)
        assert os.path.isdir(folder)
    assert publish.versions(tmp_path) == [1]


def test_an_error_names_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="--export_dir: expected a folder that can be written"):
        write(tmp_path / "file" / "pose")


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_killed_export_leaves_only_complete_versions(tmp_path, after):
    command = [sys.executable, "-c", textwrap.dedent(_WRITER), str(tmp_path / "pose")]
    writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        for _ in range(after):
            writer.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            writer.wait(timeout=0.007 * after)  # the writer is writing the next version
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.communicate(timeout=20)
    found = publish.versions(tmp_path / "pose")
    assert len(found) >= after
    for version in found:
        texts = [(tmp_path / "pose" / str(version) / name).read_text() for name in ("a", "b")]
        assert texts == [f"{version} " * 20] * 2
    assert write(tmp_path / "pose") == found[-1] + 1
    assert not [name for name in os.listdir(tmp_path / "pose") if name.startswith(".")]
