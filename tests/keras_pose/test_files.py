"""Files are complete or absent, JSON round trips, and a folder is locked by one process."""

import os
import stat

import pytest

from keras_pose import files


def test_json_round_trip_makes_folders(tmp_path):
    path = tmp_path / "new" / "deep" / "value.json"
    value = {"name": "Zoë", "rows": [1, 2.5, None, True]}
    files.write_json(path, value)
    assert files.read_json(path) == value
    assert os.listdir(path.parent) == ["value.json"]


def test_writing_into_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files.write_text("plain.txt", "words\n")
    assert (tmp_path / "plain.txt").read_text() == "words\n"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "kept.txt"
    files.write_text(path, "old")

    def fail_halfway():
        with files.replace_atomically(path) as temporary:
            with open(temporary, "w", encoding="utf-8") as file:
                file.write("half of the n")
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        fail_halfway()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["kept.txt"]


def test_nothing_is_visible_before_the_end(tmp_path):
    path = tmp_path / "late.txt"
    with files.replace_atomically(path) as temporary:
        assert not path.exists()
        assert os.path.dirname(temporary) == str(tmp_path)
        assert temporary.endswith("late.txt")
    assert path.read_text() == ""


def test_permissions_follow_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        files.write_text(tmp_path / "shared.txt", "")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(tmp_path / "shared.txt").st_mode) == 0o640


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1, {"a": -float("inf")}]])
def test_nan_and_infinity_are_refused(tmp_path, value):
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(tmp_path / "value.json", value)
    assert os.listdir(tmp_path) == []


def test_a_file_that_is_not_json_is_named(tmp_path):
    path = tmp_path / "broken.json"
    path.write_text('{"a": 1,\n "b" 2}')
    with pytest.raises(ValueError, match=r"broken\.json: expected JSON, but .*line 2"):
        files.read_json(path)


def test_a_file_that_is_not_text_is_named(tmp_path):
    path = tmp_path / "picture.json"
    path.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(ValueError, match=r"picture\.json: expected JSON"):
        files.read_json(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.json"):
        files.read_json(tmp_path / "absent.json")


@pytest.mark.skipif(files.fcntl is None, reason="no locks on Windows")
def test_a_folder_is_held_by_one_at_a_time(tmp_path):
    with files.hold_folder(tmp_path, "taken"), pytest.raises(ValueError, match="^taken$"):  # noqa: SIM117
        with files.hold_folder(tmp_path, "taken"):
            pass
    with files.hold_folder(tmp_path, "taken"):
        pass


def test_a_folder_is_checked_without_making_it(tmp_path):
    files.check_folder(tmp_path / "a" / "b", "--out")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "b"):
        with pytest.raises(ValueError, match="--out: expected a folder that can be written, received .*file is a file"):
            files.check_folder(path, "--out")
