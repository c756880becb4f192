"""Joints, pairs and edges of a YOLO-pose data set."""

import pytest

from keras_pose.data.importers import yolo_skeleton
from keras_pose.data.importers.coco.findings import Findings


def read(**config):
    findings = Findings("data.yaml")
    return (*yolo_skeleton.read_skeleton({"kpt_shape": [3, 3], **config}, findings), findings)


def test_names_edges_and_pairs():
    skeleton, num_values, _ = read(node_names=["r", "l", "c"], skeleton=[[0, 1], [0, 9], "x"], flip_idx=[1, 0, 2])
    assert num_values == 3
    assert skeleton.joints == ("r", "l", "c")
    assert skeleton.edges == (("r", "l"),)
    assert skeleton.flip_pairs == (("l", "r"),)


def test_joints_without_names_are_numbered():
    skeleton, _, findings = read(kpt_shape=[2, 2])
    assert skeleton.joints == ("joint_0", "joint_1")
    assert "does not name its joints" in findings.notes[0]


@pytest.mark.parametrize("order", [[0, 1, 2], [1, 2, 0], [0, 0, 1], "no"])
def test_pairs_follow_from_names_if_flip_idx_does_not_tell(order):
    skeleton, _, findings = read(kpt_names=["ear_l", "ear_r", "nose"], flip_idx=order)
    assert skeleton.flip_pairs == (("ear_l", "ear_r"),)
    assert "flip_idx: ignored" in findings.notes[0]


def test_names_that_repeat_are_refused():
    with pytest.raises(ValueError, match="data.yaml: .*received twice"):
        read(kpt_names=["a", "a", "b"])
