"""Reading COCO keypoints: images, frames of video, unlabelled joints, and each thing that can be wrong."""

import copy

import cv2
import numpy as np
import pytest

from keras_pose import files
from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE
from keras_pose.data.importers import coco

CONTENT = {
    "images": [
        {"id": 7, "file_name": "a.png", "width": 20, "height": 10},
        {"id": 9, "file_name": "b.png", "width": 16, "height": 12},
        {"id": 11, "file_name": "c.png", "width": 16, "height": 12},
    ],
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 5, "keypoints": [1, 2, 2, 3.5, 4, 1, 0, 0, 0], "bbox": [0, 0, 5, 5]},
        {"id": 2, "image_id": 9, "category_id": 5, "keypoints": [5, 6, 2, 7, 8, 2, 9, 10, 2], "bbox": [0, 0, 2, 2]},
        {"id": 3, "image_id": 9, "category_id": 5, "keypoints": [6, 6, 2, 7, 8, 2, 9, 10, 2], "bbox": [0, 0, 9, 9]},
        {"id": 4, "image_id": 11, "category_id": 5, "keypoints": [0] * 9},
    ],
    "categories": [
        {"id": 2, "name": "car"},
        {"id": 5, "name": "person", "keypoints": ["nose", "left_hand", "right_hand"], "skeleton": [[1, 2], [1, 3]]},
    ],
}


@pytest.fixture
def content():
    return copy.deepcopy(CONTENT)


def write(folder, content, image_folder="images"):
    (folder / image_folder).mkdir(exist_ok=True)
    for image in content["images"]:
        pixels = np.full((image["height"], image["width"], 3), (10, 20, image["id"] * 10), np.uint8)
        cv2.imwrite(str(folder / image_folder / image["file_name"]), pixels)
    files.write_json(folder / "annotations.json", content)
    return folder


def test_images_become_clips_of_one_frame(tmp_path, content):
    source = coco.read(write(tmp_path, content))
    assert [clip.name for clip in source.clips] == ["a.png", "b.png"]
    first = source.clips[0]
    np.testing.assert_array_equal(first.visibility, [[VISIBLE, HIDDEN, UNLABELLED]])
    np.testing.assert_array_equal(first.joints, [[[1, 2], [3.5, 4], [np.nan, np.nan]]])
    assert first.frames.num_frames is None
    assert first.frames.size_hw == (10, 20)
    np.testing.assert_array_equal(first.read_window(0)[0, 3, 3], (70, 20, 10))


def test_the_largest_person_is_kept_and_the_others_are_listed(tmp_path, content):
    source = coco.read(write(tmp_path, content))
    assert source.clips[1].joints[0, 0, 0] == 6
    assert len(source.skipped) == 2
    assert any("annotation 2: a smaller person" in message for message in source.skipped)
    assert any("annotation 4: no labelled joint" in message for message in source.skipped)


def test_the_skeleton_counts_edges_from_one_and_infers_pairs(tmp_path, content):
    skeleton = coco.read(write(tmp_path, content)).skeleton
    assert skeleton.edges == (("nose", "left_hand"), ("nose", "right_hand"))
    assert skeleton.flip_pairs == (("left_hand", "right_hand"),)


def test_written_flip_pairs_are_kept_even_when_empty(tmp_path, content):
    content["categories"][1]["flip_pairs"] = []
    assert coco.read(write(tmp_path, content)).skeleton.flip_pairs == ()


def test_images_may_lie_beside_the_file_and_the_file_may_be_named(tmp_path, content):
    folder = write(tmp_path, content, ".")
    assert len(coco.read(folder / "annotations.json").clips) == 2


@pytest.mark.parametrize(
    ("field", "number", "values", "message"),
    [
        ("annotations", 0, {"keypoints": [1, 2, 2]}, r"annotation 1: expected 3 × \(x, y, v\) numbers, received 3"),
        ("annotations", 0, {"keypoints": [1, 2, 7] + [0] * 6}, "annotation 1: expected v of 0"),
        ("annotations", 0, {"image_id": 99}, "annotation 1: expected the id of an image, received 99"),
        (
            "categories",
            1,
            {"skeleton": [[0, 1]]},
            r"skeleton: expected pairs of numbers from 1 to 3, received \[0, 1\]",
        ),
        ("categories", 0, {"keypoints": ["nose"]}, "the same keypoints in all categories"),
        ("images", 0, {"file_name": "lost.png"}, "expected 'lost.png' at .* found neither"),
        ("images", 0, {"video_id": 1, "frame_index": 0}, r"expected video_id of an entry in 'videos', received \[1\]"),
    ],
)
def test_errors_name_the_file_and_the_entry(tmp_path, content, field, number, values, message):
    write(tmp_path, content)
    content[field][number].update(values)
    files.write_json(tmp_path / "annotations.json", content)
    with pytest.raises(ValueError, match=message) as error:
        coco.read(tmp_path)
    assert "annotations.json" in str(error.value)


def test_missing_parts_are_named(tmp_path, content):
    with pytest.raises(ValueError, match="found no such file"):
        coco.read(tmp_path)
    files.write_json(tmp_path / "annotations.json", {"images": []})
    with pytest.raises(ValueError, match="with a list 'annotations', found none"):
        coco.read(tmp_path)
    del content["images"][1]["file_name"]
    files.write_json(tmp_path / "annotations.json", content)
    with pytest.raises(ValueError, match=r"images\[1\]: expected the field 'file_name'"):
        coco.read(tmp_path)
    content["categories"] = [{"id": 1, "name": "car"}]
    files.write_json(tmp_path / "annotations.json", {**content, "images": [], "annotations": []})
    with pytest.raises(ValueError, match=r"expected a category with 'keypoints', received \['car'\]"):
        coco.read(tmp_path)
