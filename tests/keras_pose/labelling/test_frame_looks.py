"""Thumbnails, and predictions that neighbouring frames contradict."""

import numpy as np
import pytest

from keras_pose.labelling import frame_looks
from tests.helpers import suggested_frames


def look(joints, frames=None, numbers=None, pictures=None):
    pictures = suggested_frames.make_frames() if pictures is None else pictures
    numbers = np.arange(len(pictures)) if numbers is None else numbers
    return frame_looks.look_at(enumerate(pictures), numbers, joints[:, None], "dis_medium")


def test_joints_that_move_with_the_picture_agree_and_one_that_stays_does_not():
    true = suggested_frames.true_joints()
    right = look(true).disagreement
    stays = np.repeat(true[:1], 12, axis=0)
    wrong = look(stays).disagreement
    assert np.isfinite(right).all()
    assert right.max() < 0.01
    assert wrong[2:8].min() > 2 * right.max()


def test_a_single_wrong_frame_and_its_neighbours_are_found():
    joints = suggested_frames.true_joints()
    joints[6, 1] += [-20, 10]
    found = look(joints).disagreement
    assert set(np.argsort(found)[-3:]) == {5, 6, 7}


def test_broken_frames_have_no_neighbours():
    pictures = list(suggested_frames.make_frames())
    pictures[1] = None
    looks = frame_looks.look_at(enumerate(pictures[:3]), np.arange(3), suggested_frames.true_joints(3)[:, None])
    assert np.isnan(looks.disagreement).all()
    assert (looks.thumbnails[1] == 0).all()
    assert looks.thumbnails[[0, 2]].any()


def test_frames_far_apart_are_not_compared():
    numbers = np.array([0, 1, 8])
    joints = suggested_frames.true_joints()[numbers]
    found = look(joints, numbers=numbers).disagreement
    assert np.isfinite(found[:2]).all()
    assert np.isnan(found[2])


def test_scenes_are_not_compared_across_a_cut():
    pictures = np.concatenate([suggested_frames.make_frames(4, 0), 255 - suggested_frames.make_frames(4, 9)])
    joints = np.concatenate([suggested_frames.true_joints(4), suggested_frames.true_joints(4) + 9])
    cut = look(joints, pictures=pictures).disagreement
    assert cut[[3, 4]].max() < 0.03


def test_frames_too_small_for_flow_are_only_shown():
    pictures = np.zeros((3, 20, 20, 3), np.uint8)
    looks = frame_looks.look_at(enumerate(pictures), np.arange(3), np.ones((3, 1, 2, 2), np.float32))
    assert np.isnan(looks.disagreement).all()
    assert looks.thumbnails.shape == (3, 16, 16, 3)


def test_a_video_that_ends_early_is_an_error():
    with pytest.raises(ValueError, match="up to 11; the video ends before"):
        frame_looks.look_at(enumerate(suggested_frames.make_frames(5)), np.arange(12), np.zeros((12, 1, 2, 2)))


def test_only_the_predicted_part_is_read():
    def numbered():
        yield from enumerate(suggested_frames.make_frames(5))
        raise AssertionError("read too far")

    assert len(frame_looks.look_at(numbered(), np.arange(5), np.zeros((5, 1, 2, 2))).disagreement) == 5


def test_large_frames_are_reduced_and_small_ones_kept():
    assert frame_looks.reduce_frame(np.zeros((480, 640, 3), np.uint8)).shape == (144, 192)
    assert frame_looks.reduce_frame(np.zeros((48, 64, 3), np.uint8)).shape == (48, 64)
