"""The order of the search, the flag, and files that two names could mean."""

import pytest

from keras_pose.data.importers.file_search import FileSearch


def make(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def find(search, *names):
    found = search.find({name: [name] for name in names})
    return [found[name] for name in names]


@pytest.mark.parametrize(
    "place",
    ["annotations", "annotations/images", "annotations/data", ".", "val2017", "images", "images/val2017", "data"],
)
def test_places_are_searched_in_order(tmp_path, place):
    order = [
        "annotations",
        "annotations/images",
        "annotations/data",
        ".",
        "val2017",
        "images",
        "images/val2017",
        "data",
    ]
    make(tmp_path, "annotations/person_keypoints_val2017.json", *(f"{p}/a.png" for p in order[order.index(place) :]))
    (found,) = find(FileSearch(str(tmp_path / "annotations" / "person_keypoints_val2017.json")), "a.png")
    assert tmp_path / place / "a.png" == tmp_path.joinpath(found.path).resolve()
    assert not found.by_name


def test_the_flag_comes_first_with_its_subfolders(tmp_path):
    make(tmp_path, "a.png", "b.png", "other/deep/a.png")
    search = FileSearch(str(tmp_path / "a.json"), str(tmp_path / "other"))
    first, second = find(search, "a.png", "b.png")
    assert (first.path, search.is_in_image_dir(first.path)) == (str(tmp_path / "other/deep/a.png"), True)
    assert (second.path, search.is_in_image_dir(second.path)) == (str(tmp_path / "b.png"), False)
    (found,) = find(search, str(tmp_path / "a.png"))
    assert found.path == str(tmp_path / "other/deep/a.png")


def test_one_file_does_not_stand_for_two_names(tmp_path):
    make(tmp_path, "x/a.png", "x/b.png")
    first, second = find(FileSearch(str(tmp_path / "a.json")), "p/a.png", "q/a.png")
    assert first.path == second.path == ""
    assert "expected 'p/a.png', found only" in first.message
    assert "which can also be 'q/a.png'" in first.message
    whole, other = find(FileSearch(str(tmp_path / "a.json")), "x/b.png", "y/b.png")
    assert (whole.path, other.path) == (str(tmp_path / "x/b.png"), "")


def test_a_lost_file_names_the_places(tmp_path):
    make(tmp_path, "images/x.png")
    (found,) = find(FileSearch(str(tmp_path / "a.json")), "a.png")
    assert f"expected 'a.png' in {tmp_path}/ or {tmp_path}/images/, found neither" in found.message
    with pytest.raises(ValueError, match="--image_dir=gone: expected a folder"):
        FileSearch(str(tmp_path / "a.json"), "gone")


def test_a_relative_annotation_file(tmp_path, monkeypatch):
    make(tmp_path, "a.png", "annotations/c.json", "images/b.png")
    monkeypatch.chdir(tmp_path)
    assert find(FileSearch("c.json"), "a.png")[0].path == "a.png"
    monkeypatch.chdir(tmp_path / "annotations")
    assert find(FileSearch("c.json"), "b.png")[0].path == "../images/b.png"
