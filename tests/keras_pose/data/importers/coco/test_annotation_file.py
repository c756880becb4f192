"""The file of COCO annotations: which one a folder stands for, how it is read, ids and numbers in it."""

import json

import pytest

from keras_pose.data import importers
from keras_pose.data.importers.coco import annotation_file
from keras_pose.data.open_source import open_source

KEYPOINTS = {"images": [], "annotations": [{"keypoints": [1, 2, 2]}], "categories": [{"keypoints": ["tip"]}]}
BOXES = {"images": [], "annotations": [{"bbox": [1, 2, 3, 4]}], "categories": [{"name": "car"}]}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def matches(folder):
    return next(importer for importer in importers.IMPORTERS if importer.name == "coco.dataset").matches(str(folder))


@pytest.mark.parametrize(
    "name",
    [
        "labels.json",
        "labels/train.json",
        "anns/a.json",
        "annotations/person_keypoints_val2017.json",
        "_annotations.coco.JSON",
    ],
)
def test_a_folder_stands_for_its_only_keypoint_file(tmp_path, name):
    write(tmp_path / name, KEYPOINTS)
    write(tmp_path / "annotations" / "instances_val2017.json", BOXES)
    write(tmp_path / "package.json", {"name": "x"})
    write(tmp_path / "broken.json", "{")
    assert matches(tmp_path)
    assert annotation_file.find_annotations(str(tmp_path)) == str(tmp_path / name)


def test_the_standard_name_wins(tmp_path):
    write(tmp_path / "annotations.json", KEYPOINTS)
    write(tmp_path / "other.json", KEYPOINTS)
    assert annotation_file.find_annotations(str(tmp_path)) == str(tmp_path / "annotations.json")


def test_several_files_are_listed(tmp_path):
    for split in ("train", "val"):
        write(tmp_path / "annotations" / f"{split}.json", KEYPOINTS)
    assert matches(tmp_path)
    with pytest.raises(
        ValueError, match=r"found 2: annotations/train.json, .*val.json; name one .*--data=.*train.json"
    ):
        open_source(tmp_path)


def test_the_folders_of_splits_are_listed(tmp_path):
    for split in ("train", "valid", "test"):
        write(tmp_path / split / "_annotations.coco.json", KEYPOINTS)
    with pytest.raises(ValueError, match="found 3: train/_annotations.coco.json, valid/.*, test/.*; name one"):
        open_source(tmp_path)


def test_folders_with_other_json_files_are_not_taken(tmp_path):
    write(tmp_path / "config.json", {"images": 3, "keypoints": 4})
    write(tmp_path / "boxes.json", BOXES)
    (tmp_path / "folder.json").mkdir()
    assert not matches(tmp_path)
    with pytest.raises(ValueError, match="found no such file"):
        annotation_file.find_annotations(str(tmp_path))


def test_a_folder_of_very_many_json_files_is_not_searched(tmp_path):
    for number in range(65):
        write(tmp_path / f"{number}.json", KEYPOINTS)
    assert not matches(tmp_path)


def test_large_files_are_recognised_by_both_ends(tmp_path):
    lists = {
        "images": [{"id": i, "file_name": "x" * 30} for i in range(20000)],
        **{"annotations": [], "categories": []},
    }
    write(tmp_path / "a.json", {**lists, "categories": [{"keypoints": ["tip"]}]})
    assert (tmp_path / "a.json").stat().st_size > 4 << 18
    assert matches(tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "expected JSON"),
        (b"{", "expected JSON"),
        (b'{"images": "\xe4"}', "expected JSON"),
        (b"[" * 100000, "nested too deeply"),
        (b'{"images": [' + b"1" * 5000 + b"]}", "expected"),
        (b"[1, 2]", r"with a list 'images', found none: the file holds \[1, 2\]"),
        (b"3", "found none: the file holds 3"),
        (b'{"images": {}}', "with a list 'images', found none"),
        (b'{"images": [], "annotations": null}', "with a list 'annotations', found none"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path, data, message):
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(ValueError, match=f"a.json: .*{message}"):
        annotation_file.read_content(str(tmp_path / "a.json"))


def test_videos_may_be_absent_or_something_else(tmp_path):
    for videos in ({}, {"videos": None}, {"videos": 3}):
        write(tmp_path / "a.json", {**KEYPOINTS, **videos})
        assert annotation_file.read_content(str(tmp_path / "a.json")).videos == []


def test_texts_can_be_printed(tmp_path):
    write(
        tmp_path / "a.json",
        '{"images": ["\\ud800", {"\\udfff": "\\uD83D\\uDE00"}], "annotations": [], "categories": []}',
    )
    assert annotation_file.read_content(str(tmp_path / "a.json")).images == ["\\ud800", {"\\udfff": "\U0001f600"}]


@pytest.mark.parametrize("same", [7, 7.0, "7", "007", " 7 "])
def test_ids_are_compared_by_value(same):
    assert annotation_file.normalize_id(same) == 7


@pytest.mark.parametrize("value", [None, True, False, [], {}, "", " ", float("nan"), float("inf")])
def test_other_values_are_no_ids(value):
    assert annotation_file.normalize_id(value) is None


def test_texts_stay_texts():
    assert annotation_file.normalize_id("a7") == "a7"
    assert annotation_file.normalize_id("²") == "²"
    assert annotation_file.normalize_id(1.5) == 1.5


def test_numbers_are_parsed():
    assert [annotation_file.parse_number(v) for v in (1, "1e2", 10**400)] == [1.0, 100.0, float("inf")]
    assert [annotation_file.parse_number(v) for v in (True, None, "x", [1])] == [None] * 4


def test_long_values_are_cut_in_messages():
    assert annotation_file.shorten([1, 2]) == "[1, 2]"
    assert annotation_file.shorten([0] * 100) == "a list of 100 entries"
    assert len(annotation_file.shorten("x" * 1000)) == 81
