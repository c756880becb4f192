"""Colours and shapes of joints: sides are told apart by both, by readers with deficient colour vision too."""

import itertools

import cv2
import numpy as np
import pytest

from keras_pose.skeleton import UPPER_BODY, Skeleton
from keras_pose.viz import pose_marks
from keras_pose.viz.pose_marks import DIAMOND, DISC, SQUARE, choose_marks

# Machado, Oliveira, Fernandes, "A physiologically-based model for simulation of color vision deficiency", 2009:
# matrices on linear RGB for complete deficiency.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def seen(color, deficiency):
    """CIE L*a*b* of a colour as it is seen."""
    value = np.asarray(color) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.asarray(DEFICIENCIES[deficiency]) @ linear, 0, 1)
    value = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return cv2.cvtColor(value.astype(np.float32)[None, None], cv2.COLOR_RGB2LAB)[0, 0]


def difference(a, b, deficiency):
    return float(np.linalg.norm(seen(a, deficiency) - seen(b, deficiency)))


def test_the_simulation_confuses_red_and_green():
    assert difference((200, 80, 0), (120, 125, 0), "none") > 50
    assert difference((200, 80, 0), (120, 125, 0), "deuteranopia") < 20


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_colours_of_sides_and_people_can_be_told_apart(deficiency):
    sides = (pose_marks.LEFT_COLOR, pose_marks.RIGHT_COLOR, pose_marks.MIDDLE_COLOR)
    for a, b in itertools.combinations(sides, 2):
        assert difference(a, b, deficiency) > 25  # 2.3 is just noticeable
    for a, b in itertools.combinations(pose_marks.MANY_COLORS, 2):
        assert difference(a, b, deficiency) > 9


def test_sides_differ_in_colour_and_shape():
    marks = choose_marks(UPPER_BODY)
    named = {name: (color, shape) for name, color, shape in zip(UPPER_BODY.joints, marks.colors, marks.shapes)}
    assert named["left_wrist"] == named["left_elbow"] == (pose_marks.LEFT_COLOR, DISC)
    assert named["right_wrist"] == (pose_marks.RIGHT_COLOR, SQUARE)
    assert named["head"] == (pose_marks.MIDDLE_COLOR, DIAMOND)
    edges = {(UPPER_BODY.joints[a], UPPER_BODY.joints[b]): color for a, b, color in marks.edges}
    assert edges["left_elbow", "left_wrist"] == edges["head", "left_shoulder"] == pose_marks.LEFT_COLOR
    assert edges["right_shoulder", "left_shoulder"] == pose_marks.MIDDLE_COLOR


def test_people_differ_in_colour_and_keep_the_shapes_of_their_sides():
    first, second = (choose_marks(UPPER_BODY, person, 2) for person in range(2))
    assert set(first.colors) == {pose_marks.MANY_COLORS[0]} != set(second.colors)
    assert first.shapes == second.shapes == choose_marks(UPPER_BODY).shapes
    many = len(pose_marks.MANY_COLORS)
    assert choose_marks(UPPER_BODY, many, many + 1).colors == first.colors


def test_joints_without_sides_differ_in_colour():
    marks = choose_marks(Skeleton("mouse", ("nose", "back", "tail"), edges=(("nose", "back"),)))
    assert len(set(marks.colors)) == 3
    assert marks.shapes == (DISC,) * 3
    assert marks.edges == ((0, 1, pose_marks.WHITE),)
