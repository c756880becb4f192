"""Versions on the disk."""

import os

import pytest

from serving.local_server.version_folders import LARGEST_VERSION, find_versions, list_file_states, suggest_base_paths
from tests.helpers.version_files import publish


def test_everything_with_a_number_as_its_name_is_a_version(tmp_path):
    for name in ("007", " 8", "v8", "-9", "+6", "1.5", "9 "):
        publish(tmp_path, name)
    (tmp_path / "10").mkdir()
    (tmp_path / "11").write_text("no folder")
    (tmp_path / ".writing-3").mkdir()
    names = {7: "007", 8: " 8", -9: "-9", 9: "9 ", 10: "10", 11: "11"}
    assert find_versions(tmp_path) == {number: str(tmp_path / name) for number, name in names.items()}


def test_of_two_names_with_one_number_the_last_counts(tmp_path):
    for name in ("7", "007", "07"):
        publish(tmp_path, name)
    assert find_versions(tmp_path) == {7: str(tmp_path / "7")}


def test_numbers_beyond_an_int64_are_not_versions(tmp_path):
    publish(tmp_path, LARGEST_VERSION)
    publish(tmp_path, LARGEST_VERSION + 1)
    publish(tmp_path, 10**200)
    assert list(find_versions(tmp_path)) == [LARGEST_VERSION]


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(OSError, match="missing"):
        find_versions(tmp_path / "missing")


def test_the_suggested_folders_are_subfolders_and_the_parent_with_versions(tmp_path):
    for name in ("export/pose", "export/hand", "export/empty"):
        (tmp_path / name).mkdir(parents=True)
    publish(tmp_path / "export" / "pose", 1)
    publish(tmp_path / "export" / "hand", 1)
    assert suggest_base_paths(str(tmp_path / "export")) == [str(tmp_path / "export" / n) for n in ("hand", "pose")]
    assert suggest_base_paths(str(tmp_path / "export" / "pose" / "1")) == [str(tmp_path / "export" / "pose")]
    assert suggest_base_paths(str(tmp_path / "export" / "empty")) == []


def test_file_states_change_when_a_file_is_written(tmp_path):
    folder = publish(tmp_path, 1)
    (folder / "variables").mkdir()
    (folder / "variables" / "data").write_bytes(b"1234")
    before = list_file_states(str(folder))
    assert [(name, size) for _, name, _, size in before] == [("saved_model.pb", 4), ("data", 4)]
    assert list_file_states(str(folder)) == before
    os.utime(folder / "variables" / "data", ns=(1, 1))
    assert list_file_states(str(folder)) != before
