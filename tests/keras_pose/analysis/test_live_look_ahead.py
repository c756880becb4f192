"""Joints moved on as they moved last."""

import numpy as np
import pytest

from keras_pose.analysis.live_look_ahead import MEAN, METHODS, VELOCITY, LookAhead

STEP = (3, -2)  # px a frame


def moving_frames(count, size=160):
    """A patch of noise that moves by STEP over still noise; joints [count, 2, 2]: its middle, and one missing."""
    rng = np.random.default_rng(0)
    ground = rng.integers(60, 90, (size, size, 3)).astype(np.uint8)
    patch = np.kron(rng.integers(0, 255, (12, 12, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    frames = np.stack([ground] * count)
    joints = np.full((count, 2, 2), np.nan, np.float32)
    for i in range(count):
        left, top = 40 + STEP[0] * i, 70 + STEP[1] * i
        frames[i, top : top + 48, left : left + 48] = patch
        joints[i, 0] = (left + 23.5, top + 23.5)
    return frames, joints


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("k", [1, 3])
def test_joints_go_on_as_they_moved_a_little_less_in_each_frame(method, k):
    frames, joints = moving_frames(8)
    look_ahead = LookAhead(k, method)
    found = np.stack([look_ahead.extrapolate(i, frames[i], joints[i]) for i in range(8 - k)])
    np.testing.assert_array_equal(found[0], joints[0])
    steps = {1: 1, 3: 1 + 0.75 + 0.75**2}[k]
    np.testing.assert_allclose(found[1:, 0], joints[1 : 8 - k, 0] + np.multiply(STEP, steps), atol=0.75 * k)
    assert np.isnan(found[:, 1]).all()


def test_the_gain_is_the_share_of_the_movement():
    frames, joints = moving_frames(2)
    look_ahead = LookAhead(2, VELOCITY, gain=0.5)
    look_ahead.extrapolate(0, frames[0], joints[0])
    found = look_ahead.extrapolate(1, frames[1], joints[1])
    np.testing.assert_allclose(found[0], joints[1, 0] + np.multiply(STEP, (1 + 0.75) / 2))


def test_a_movement_over_dropped_frames_is_shared_out():
    frames, joints = moving_frames(4)
    look_ahead = LookAhead(1, VELOCITY)
    look_ahead.extrapolate(10, frames[0], joints[0])
    np.testing.assert_allclose(look_ahead.extrapolate(13, frames[3], joints[3])[0], joints[3, 0] + STEP)


def test_a_restart_or_another_size_forgets_the_movement():
    frames, joints = moving_frames(3)
    look_ahead = LookAhead(1, MEAN)
    look_ahead.extrapolate(0, frames[0], joints[0])
    np.testing.assert_array_equal(look_ahead.extrapolate(1, frames[1][:100], joints[1]), joints[1])
    look_ahead.restart()
    np.testing.assert_array_equal(look_ahead.extrapolate(2, frames[2], joints[2]), joints[2])


def test_no_look_ahead_changes_nothing_and_no_jump_is_wild():
    frames, joints = moving_frames(2)
    still = LookAhead(0)
    for i in range(2):
        np.testing.assert_array_equal(still.extrapolate(i, frames[i], joints[i]), joints[i])
    wild = LookAhead(3, VELOCITY)
    wild.extrapolate(0, frames[0], joints[0])
    far = joints[1] + 100
    assert np.linalg.norm(wild.extrapolate(1, frames[1], far)[0] - far[0]) == pytest.approx(0.25 * 160, rel=1e-3)


@pytest.mark.parametrize(("options", "message"), [((-1,), "0 frames or more, received -1"), ((1, "x"), "expected one")])
def test_invalid_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        LookAhead(*options)


def test_a_joint_that_was_not_there_does_not_move():
    frames, joints = moving_frames(2)
    look_ahead = LookAhead(1, VELOCITY)
    look_ahead.extrapolate(0, frames[0], np.full((2, 2), np.nan))
    np.testing.assert_array_equal(look_ahead.extrapolate(1, frames[1], joints[1]), joints[1])
