import json

import numpy as np
import pytest

from keras_pose.tracking.boxes import BoxTrack
from keras_pose.tracking.region_shapes import FrameShape
from keras_pose.tracking.track_files import TrackedBoxes, open_tracks

SHAPE = FrameShape((240, 320))
FRAME = np.zeros((240, 320, 3), np.uint8)


def track(name, frames, boxes):
    return BoxTrack(name, np.array(frames), np.array(boxes, np.float64))


def regions(source, numbers):
    return [source.regions(number, FRAME) for number in numbers]


def test_people_are_there_in_their_frames_and_short_gaps():
    boxes = [(50, 60, 40, 80)] * 4
    source = TrackedBoxes([track("1", [0, 1, 3, 9], boxes), track("7", [2], boxes[:1])], SHAPE, max_gap=2)
    assert [sorted(found) for found in regions(source, range(10))] == [
        ["1"], ["1"], ["1", "7"], ["1"], [], [], [], [], [], ["1"],
    ]  # fmt: skip
    assert source.people == ("1", "7")
    assert source.block == 0


def test_a_region_is_the_enlarged_box_in_the_shape_of_the_input():
    source = TrackedBoxes([track("1", [0], [(100, 60, 40, 80)])], SHAPE, padding=1.5)
    assert source.regions(0, FRAME) == {"1": (60, 40, 120, 120)}


def test_regions_stay_still_while_boxes_tremble_and_go_with_them():
    rng = np.random.default_rng(0)
    frames = np.arange(100)
    steps = np.where(frames < 50, 0, frames - 50)[:, None] * (2.0, 0.0)
    boxes = np.concatenate([(60, 60) + steps + rng.normal(0, 1, (100, 2)), np.full((100, 2), (40, 80))], 1)
    found = [r["1"] for r in regions(TrackedBoxes([track("1", frames, boxes)], SHAPE), frames)]
    assert len(set(found[:50])) == 1
    assert 3 <= len(set(found)) < 30
    for box, (left, top, width, height) in zip(boxes, found):
        assert left <= box[0] <= box[0] + box[2] <= left + width
        assert top <= box[1] <= box[1] + box[3] <= top + height


def test_a_person_who_comes_nearer_gets_a_larger_region():
    sizes = np.linspace(40, 120, 60)
    boxes = np.stack([160 - sizes / 2, 120 - sizes / 2, sizes, sizes], 1)
    found = [r["1"] for r in regions(TrackedBoxes([track("1", range(60), boxes)], SHAPE), range(60))]
    assert found[0][3] == 46
    assert found[-1][3] > 120


def test_a_box_outside_the_frame_is_nobody():
    source = TrackedBoxes([track("1", [0, 1], [(10, 10, 20, 20), (400, 10, 20, 20)])], SHAPE)
    assert [sorted(found) for found in regions(source, (0, 1))] == [["1"], []]


def test_both_kinds_of_files_give_the_same_regions(tmp_path):
    mot = tmp_path / "gt.txt"
    mot.write_text("1,4,51,61,40,80,1\n3,4,61,61,40,80,1\n", encoding="utf-8")
    coco = tmp_path / "boxes.JSON"
    entries = [{"image_id": n, "track_id": 4, "bbox": [50 + 5 * n, 60, 40, 80]} for n in (0, 2)]
    coco.write_text(json.dumps(entries), encoding="utf-8")
    first, second = (regions(open_tracks(path, SHAPE), range(4)) for path in (mot, coco))
    assert first == second
    assert [sorted(found) for found in first] == [["4"], ["4"], ["4"], []]


def test_files_that_cannot_be_used_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"--tracks: expected a file of boxes .*found no file .*nowhere.txt"):
        open_tracks(tmp_path / "nowhere.txt", SHAPE)
    empty = tmp_path / "empty.txt"
    empty.write_text("\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"empty.txt: expected boxes of people, found none"):
        open_tracks(empty, SHAPE)
    away = tmp_path / "away.txt"
    away.write_text("1,1,500,500,10,10\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"away.txt: expected boxes that overlap the frame of 320x240 px, found none"):
        open_tracks(away, SHAPE)
