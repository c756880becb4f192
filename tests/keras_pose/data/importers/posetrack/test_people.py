"""People of PoseTrack18: joints by name, visibility, and entries that are wrong."""

import re

import numpy as np
import pytest

from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.data.importers.coco.annotation_file import Content
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.posetrack import people
from tests.helpers import picture_sets


def read(content):
    findings = Findings("a.json")
    lists = [content[name] for name in ("images", "annotations", "categories")]
    return people.read_frames(Content(*lists, []), findings), findings


@pytest.fixture
def content():
    return picture_sets.posetrack_video(people=2)


def test_joints_are_found_by_name_and_every_label_is_visible(content):
    frames, _ = read(content)
    assert [frame.name for frame in frames] == [f"images/val/000342_mpii_test/00000{n}.jpg" for n in (0, 2)]
    assert [len(frame.people) for frame in frames] == [2, 2]
    person = frames[1].people[0]
    columns = [picture_sets.POSETRACK_NAMES.index({"neck": "head_bottom"}.get(j, j)) for j in people.JOINTS]
    np.testing.assert_array_equal(person.values, [[10 + column, 22, VISIBLE] for column in columns])
    np.testing.assert_array_equal(person.landmarks["head_box_bottom_right"], [13, 24])
    assert (frames[0].size_hw, frames[0].num_regions) == (picture_sets.SIZE_HW, 1)


def test_unlabelled_joints_and_people_without_joints_are_left_out(content):
    content["annotations"][0]["keypoints"][0:3] = [0, 0, 0]
    content["annotations"][1]["keypoints"] = [0] * 51
    content["annotations"][2].pop("keypoints")
    content["annotations"][3]["iscrowd"] = 1
    frames, findings = read(content)
    assert len(frames) == 1
    assert frames[0].people[0].values[0].tolist() == [0, 0, UNLABELLED]
    summary = findings.summary(1, 4, 1)
    assert "2 without a labelled joint" in summary
    assert "1 of crowds (iscrowd)" in summary


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keypoints": [1, 2, 3]}, "expected 17 × .x, y, v. numbers, received 3 values"),
        ({"image_id": 5}, "expected the id of an image, received 5"),
    ],
)
def test_bad_entries_are_problems(content, change, message):
    content["annotations"][0].update(change)
    content["annotations"].append("text")
    frames, findings = read(content)
    assert sum(len(frame.people) for frame in frames) == 3
    assert [problem.row for problem in findings.problems] == [None, None]
    assert any(re.search(message, problem.message) for problem in findings.problems)


def test_other_joints_are_refused(content):
    content["categories"][0]["keypoints"].remove("left_wrist")
    with pytest.raises(ValueError, match="a.json: expected the joint left_wrist of PoseTrack18"):
        read(content)
    content["categories"][0]["keypoints"][0] = {}
    with pytest.raises(ValueError, match="a.json: expected the joint nose of PoseTrack18"):
        read(content)
    content["categories"] = []
    with pytest.raises(ValueError, match="a.json: expected a category with the joints of PoseTrack18"):
        read(content)
