"""Pictures: frames of videos and image files, sizes, names, and entries of one file."""

import numpy as np
import pytest

from keras_pose.data.importers.coco.annotation_file import Content
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.images import find_pictures
from keras_pose.data.importers.coco.people import Person
from keras_pose.data.importers.file_search import FileSearch


def find(folder, images, videos=(), ids=(1,)):
    findings = Findings(str(folder / "a.json"))
    people = [Person(i, f"annotation {i}", np.array([[1.0, 1, 2]]), {}, None) for i in ids]
    content = Content(list(images), [], [], list(videos))
    return find_pictures(content, people, FileSearch(str(folder / "a.json")), findings), findings


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ({"height": 10, "width": 20}, (10, 20)),
        ({"height": "10", "width": 20.0}, (10, 20)),
        ({}, None),
        ({"height": 10}, None),
        ({"height": 0, "width": 0}, None),
        ({"height": None, "width": 20}, None),
        ({"height": float("inf"), "width": float("nan")}, None),
        ({"height": [10], "width": {}}, None),
    ],
)
def test_the_stated_size_is_kept(tmp_path, size, expected):
    (tmp_path / "a.png").touch()
    (picture,), _ = find(tmp_path, [{"id": 1, "file_name": "a.png", **size}])
    assert picture.size_hw == expected


def test_tracking_data_sets_name_the_video_of_each_image_file(tmp_path):
    (tmp_path / "a.png").touch()
    videos = [{"id": 1, "file_name": "MOT-02"}]
    for extra in ({"video_id": 1, "frame_id": 3}, {"video_id": 9}, {"vid_id": "x", "frame_id": 1}):
        (picture,), findings = find(tmp_path, [{"id": 1, "file_name": "a.png", **extra}], videos)
        assert (picture.video, picture.path, findings.problems) == (None, str(tmp_path / "a.png"), [])


def test_a_frame_of_a_video_has_its_position(tmp_path):
    (tmp_path / "v.avi").touch()
    videos = [{"id": "1", "file_name": "v.avi"}]
    (picture,), _ = find(tmp_path, [{"id": 1, "video_id": 1, "frame_index": 4, "file_name": "v.avi#4"}], videos)
    assert (picture.video, picture.position, picture.path) == (videos[0], 4, str(tmp_path / "v.avi"))


def test_images_without_labels_are_not_looked_for(tmp_path):
    (tmp_path / "a.png").touch()
    pictures, findings = find(
        tmp_path, [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "gone.png"}, {"id": 3}]
    )
    assert len(pictures) == 1
    assert findings.problems == []


def test_equal_entries_are_one_image_and_different_ones_are_ambiguous(tmp_path):
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).touch()
    entry = {"id": 1, "file_name": "a.png"}
    assert len(find(tmp_path, [entry, dict(entry)])[0]) == 1
    others = [entry, {"id": "1", "file_name": "b.png"}, {"id": 2, "file_name": "c.png"}]
    pictures, findings = find(tmp_path, others, ids=(1, 2))
    assert [picture.name for picture in pictures] == ["c.png"]
    assert "annotation 1: image id 1 belongs to 'a.png' and 'b.png'" in findings.problems[0].message


def test_nothing_found_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"a.json: none of its 1 images and videos was found: expected 'a.png' in"):
        find(tmp_path, [{"id": 1, "file_name": "a.png"}])
    assert find(tmp_path, [], ids=())[0] == []
