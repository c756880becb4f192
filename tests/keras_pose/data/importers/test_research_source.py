"""Clips of research sets become a source: joints that the frame cuts off, rows without a joint, and nothing at all."""

import numpy as np
import pytest

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.importers.research_source import build_source, make_skeleton
from keras_pose.data.source import Problem

SKELETON = make_skeleton("s", ("head", "left_hand", "right_hand"), [("head", "*_hand")])


def clip_of(joints):
    joints = np.asarray(joints, float)
    frames = ArrayFrames(np.zeros((len(joints), 10, 20, 3), np.uint8))
    return Clip("a", frames, np.arange(len(joints)), joints, np.where(np.isnan(joints[..., 0]), 0, 2))


def test_edges_stand_for_both_sides():
    assert SKELETON.edges == (("head", "right_hand"), ("head", "left_hand"))
    assert SKELETON.flip_pairs == (("left_hand", "right_hand"),)


def test_joints_outside_are_left_out_and_counted():
    clip = clip_of([[[1, 1], [19.6, 2], [3, 3]], [[-9, 1], [1, 99], [np.nan, np.nan]]])
    source = build_source("set", [clip], SKELETON, left_out=["1 frame is not used"])
    assert source.clips[0].labelled.tolist() == [0]
    assert source.clips[0].visibility.tolist() == [[2, 0, 2]]
    assert source.summary.startswith("1 frame is not used; 3 of 5 labelled joints lie outside their frame")
    hidden = build_source("set", [clip], SKELETON, outside="hidden")
    assert hidden.clips[0].labelled.tolist() == [0, 1]
    assert hidden.summary == ""


def test_nothing_to_read_is_refused_with_the_first_problem():
    with pytest.raises(ValueError, match=r"set: no labelled frame can be read \(1 problem\): why"):
        build_source("set", [], SKELETON, [Problem("a", None, "why")])
