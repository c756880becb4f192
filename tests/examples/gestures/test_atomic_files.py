"""Files that are never incomplete."""

import os
import time

import pytest

from examples.gestures import atomic_files


def test_the_file_appears_with_its_folder_when_it_is_complete(tmp_path):
    path = tmp_path / "folder" / "a.txt"
    with atomic_files.replace(str(path)) as temporary:
        with open(temporary, "w") as file:
            file.write("half")
        assert not path.exists()
    assert path.read_text() == "half"
    assert os.listdir(path.parent) == ["a.txt"]


def test_an_error_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail():
        with atomic_files.replace(str(path)) as temporary:
            with open(temporary, "w") as file:
                file.write("half")
            raise RuntimeError("no space left")

    with pytest.raises(RuntimeError, match="no space left"):
        fail()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_old_temporary_files_are_removed(tmp_path):
    old, young, other = (tmp_path / name for name in (".writing-1-a.npy", ".writing-2-b.npy", "c.npy"))
    folder = tmp_path / ".writing-x"
    folder.mkdir()
    for path in (old, young, other, folder / "saved_model.pb"):
        path.write_bytes(b"")
    before = time.time() - 2 * atomic_files.STALE_S
    for path in (old, other, folder):
        os.utime(path, (before, before))
    atomic_files.clear_stale(str(tmp_path))
    assert not old.exists()
    assert not folder.exists()
    assert young.exists()
    assert other.exists()
