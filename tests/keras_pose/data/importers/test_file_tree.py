"""Names looked up in folders, then anywhere below."""

import os

import pytest

from keras_pose.data.importers.file_tree import FileTree


def make(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def find(folder, *names, places=(), absolute=True):
    tree = FileTree(str(folder), [str(folder), *(str(folder / place) for place in places)])
    found = tree.find({name: [name] for name in names}, absolute)
    return [os.path.relpath(found[name].path, folder) if name in found and found[name].path else None for name in names]


def test_the_order_of_places_decides(tmp_path):
    make(tmp_path, "a.png", "images/a.png", "images/b.png", "data/b.png")
    assert find(tmp_path, "a.png", "b.png", places=("images", "data")) == ["a.png", "images/b.png"]
    assert find(tmp_path, "b.png", places=("data", "images")) == ["data/b.png"]


def test_the_end_of_an_absolute_name_counts(tmp_path):
    make(tmp_path, "x/a.png", "a.png")
    assert find(tmp_path, "/home/other/x/a.png") == ["x/a.png"]
    assert find(tmp_path, str(tmp_path / "x/a.png")) == ["x/a.png"]
    make(tmp_path, "other/x/a.png")
    assert find(tmp_path / "other", str(tmp_path / "x/a.png"), absolute=False) == ["x/a.png"]


def test_of_several_files_the_one_that_shares_most_folders_is_taken(tmp_path):
    make(tmp_path, "raw/cam1/1.png", "raw/cam2/1.png")
    assert find(tmp_path, "cam1/1.png", "cam2/1.png") == ["raw/cam1/1.png", "raw/cam2/1.png"]
    assert find(tmp_path, "1.png") == [None]


def test_a_lost_file_is_not_taken_from_another_folder(tmp_path):
    make(tmp_path, "cam1/1.png", "cam2/2.png")
    assert find(tmp_path, "cam1/1.png", "cam1/2.png") == ["cam1/1.png", None]
    assert find(tmp_path, "2.png") == ["cam2/2.png"]


def test_upper_and_lower_case(tmp_path):
    make(tmp_path, "x/a.PNG", "y/b.png", "z/B.png")
    assert find(tmp_path, "a.png", "b.png") == ["x/a.PNG", "y/b.png"]


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/", "x", "x/", "\0", "a\0.png", "\ud800.png", "n" * 5000, "a" * 300 + "/b"]
)
def test_names_that_no_file_can_have_are_not_found(tmp_path, name):
    make(tmp_path, "x/a.png")
    assert find(tmp_path, name, places=("x",)) == [None]


def test_links_are_followed_once_and_hidden_folders_are_not_searched(tmp_path):
    make(tmp_path, "real/deep/a.png", "data/.cache/b.png")
    (tmp_path / "data" / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "loop").symlink_to(tmp_path / "real")
    assert find(tmp_path / "data", "a.png", "b.png") == ["link/deep/a.png", None]
