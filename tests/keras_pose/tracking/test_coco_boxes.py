import json

import numpy as np
import pytest

from keras_pose.tracking.coco_boxes import read_coco_boxes


def write(folder, content):
    path = folder / "boxes.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def entry(image, box=(1, 2, 30, 40), **fields):
    return {"image_id": image, "bbox": list(box), **fields}


def test_tracks_and_frames_of_a_data_set(tmp_path):
    content = {
        "images": [{"id": 7, "frame_id": 3}, {"id": 8, "frame_id": 4}],
        "annotations": [entry(7, track_id=2), entry(8, (2, 3, 30, 40), track_id=2), entry(8, track_id=1)],
    }
    one, two = read_coco_boxes(write(tmp_path, content), 5)
    assert (one.name, two.name) == ("1", "2")
    assert (one.frames.tolist(), two.frames.tolist()) == ([4], [3, 4])
    np.testing.assert_array_equal(two.boxes, [[1, 2, 30, 40], [2, 3, 30, 40]])


def test_images_without_frame_numbers_count_in_the_order_of_their_ids(tmp_path):
    content = {
        "images": [{"id": 30}, {"id": 10}, {"id": 20}],
        "annotations": [entry(n, track_id="a") for n in (10, 30)],
    }
    (track,) = read_coco_boxes(write(tmp_path, content), 5)
    assert (track.name, track.frames.tolist()) == ("a", [0, 2])


def test_a_list_of_results_is_joined_by_overlap(tmp_path):
    left = [entry(n, (10 + n, 20, 40, 80), score=0.9) for n in (0, 1, 2, 3, 20)]
    right = [entry(n, (200 - n, 20, 40, 80), score=0.9) for n in (1, 2, 3)]
    tracks = read_coco_boxes(write(tmp_path, right + left), 5)
    assert [(track.name, track.frames.tolist()) for track in tracks] == [
        ("1", [0, 1, 2, 3]),
        ("2", [1, 2, 3]),
        ("3", [20]),
    ]


def test_only_people_count_if_there_are_categories_of_that_name(tmp_path):
    content = {
        "categories": [{"id": 3, "name": "car"}, {"id": 1, "name": "person"}],
        "annotations": [entry(0, category_id=1, track_id=5), entry(0, category_id=3, track_id=6)],
    }
    assert [track.name for track in read_coco_boxes(write(tmp_path, content), 5)] == ["5"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (3, "expected COCO boxes: an object with a list 'annotations', or a list of results"),
        ({"images": []}, "expected COCO boxes"),
        ([7], r"annotations\[0\]: expected an object, received 7"),
        ([entry(0), entry(0, (1, 2, 3))], r"annotations\[1\]: expected bbox .*received \[1, 2, 3\]"),
        ([entry(0, (1, 2, 0, 5))], "with an area"),
        ([entry(0, (1, 2, None, 5))], "expected bbox"),
        ([{"bbox": [1, 2, 3, 4]}], "expected frame_id or image_id"),
        ([entry(-1)], "from 0, received -1"),
        ({"images": [{"id": 1}], "annotations": [entry(2)]}, "expected the image_id of one of the images, received 2"),
        ({"images": [{"name": 1}], "annotations": []}, "expected images with an 'id'"),
        ([entry(0, track_id=1), entry(0, track_id=1)], "expected one box of track 1 in frame 0, received a second"),
        ([entry(0, track_id=1), entry(1)], r"annotations\[1\]: expected a track_id, as others have"),
        (
            {"images": [{"id": 1, "video_id": 1}, {"id": 2, "video_id": 2}], "annotations": []},
            "expected images of one video, received video_id 1, 2",
        ),
    ],
)
def test_wrong_content_is_named(tmp_path, content, message):
    path = write(tmp_path, content)
    with pytest.raises(ValueError, match=message) as error:
        read_coco_boxes(path, 5)
    assert str(error.value).startswith(f"{path}: ")


def test_what_is_no_json_is_named(tmp_path):
    path = tmp_path / "boxes.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="expected JSON"):
        read_coco_boxes(path, 5)
