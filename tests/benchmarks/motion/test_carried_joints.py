"""Joints that are carried along flow."""

import numpy as np
import pytest

from benchmarks.motion import carried_joints
from benchmarks.motion.carried_joints import GAPS, REGIONS
from benchmarks.motion.real_clips import RealClip
from keras_pose.flow import composition_numpy
from tests.helpers.motion import smooth_flow

STEP = np.float32((1.5, -0.5))


def make_clip(num_frames=13, step=STEP, size=96):
    """Frame t is filled with t; all 15 joints move alike, but the right wrist and one hidden ankle stay."""
    frames = np.broadcast_to(np.arange(num_frames, dtype=np.uint8)[:, None, None, None], (num_frames, size, size, 3))
    starts = np.stack([np.linspace(20, 60, 15), np.linspace(60, 30, 15)], -1)
    joints = (starts + np.arange(num_frames)[:, None, None] * step).astype(np.float32)
    joints[:, 11] = starts[11]
    joints[:, 14] = np.nan
    return RealClip("film", frames, joints)


def true_flow(target, source):
    gap = int(source[0, 0, 0]) - int(target[0, 0, 0])
    return np.broadcast_to(gap * STEP, (*target.shape[:2], 2)).astype(np.float32)


def test_points_follow_the_composed_flow():
    flows = [smooth_flow(seed, 3.0, (40, 48)) for seed in range(3)]
    composed = flows[0]
    for flow in flows[1:]:
        composed = composition_numpy.compose(composed, flow)
    points = np.float32([[20, 12], [31, 25], [np.nan, np.nan]])
    found = carried_joints.carry_joints(points, flows)
    expected = points[:2] + composed[[12, 25], [20, 31]]
    np.testing.assert_allclose(found[:2], expected, atol=0.05)  # `compose` rounds positions to 1/32 px
    assert np.isnan(found[2]).all()


def test_points_between_pixels_take_the_flow_between_them():
    flow = np.zeros((4, 4, 2), np.float32)
    flow[1, 2] = (4, -8)
    found = carried_joints.carry_joints(np.float32([[1.75, 1.5]]), [flow])
    np.testing.assert_allclose(found, [[1.75 + 0.375 * 4, 1.5 - 0.375 * 8]])


@pytest.mark.parametrize("direct", [False, True])
def test_the_true_flow_loses_nothing_but_what_moves_otherwise(direct):
    errors = carried_joints.measure([make_clip()], true_flow, direct)
    assert set(errors) == {(gap, region) for gap in GAPS for region in REGIONS}
    length = np.linalg.norm(STEP)
    for gap in GAPS:
        starts = len(range(0, 13 - gap, 2))
        [wrists] = errors[gap, "wrists"]
        np.testing.assert_allclose(wrists.reshape(starts, 2), [[0, gap * length]] * starts, atol=1e-4)
        [moving] = errors[gap, "moving wrists"]  # the left one, which moves by more than 3 % of 96 px
        np.testing.assert_allclose(moving, np.zeros(starts), atol=1e-4)
        assert errors[gap, "elbows"][0].shape == (2 * starts,)
        assert errors[gap, "all joints"][0].shape == (14 * starts,)


def test_flow_composed_of_pairs_is_estimated_once_for_each_pair():
    seen = []

    def estimate(target, source):
        seen.append((int(target[0, 0, 0]), int(source[0, 0, 0])))
        return true_flow(target, source)

    carried_joints.measure([make_clip()], estimate)
    assert sorted(seen) == [(frame, frame + 1) for frame in range(12)]


def test_without_flow_the_errors_are_the_motion_or_what_differs_from_the_body():
    found = carried_joints.measure_without_flow([make_clip()])
    length = np.linalg.norm(STEP)
    for gap in GAPS:
        np.testing.assert_allclose(np.unique(found["not moved"][gap, "elbows"][0].round(3)), [round(gap * length, 3)])
        assert found["body's median motion"][gap, "elbows"][0].max() < 1e-4
        assert found["body's median motion"][gap, "wrists"][0].max() == pytest.approx(gap * length, abs=1e-4)


def test_labels_on_a_parabola_have_no_noise():
    times = np.arange(14)[:, None, None]
    joints = (30 + times * (1.0, 2.0) + 0.1 * times**2 * np.ones(2)).repeat(15, axis=1)
    np.testing.assert_allclose(carried_joints.smooth_labels(joints), joints, atol=1e-9)
    np.testing.assert_allclose(carried_joints.smooth_labels(joints[:4]), joints[:4], atol=1e-9)
    joints[13, 2] = np.nan
    missing = np.isnan(carried_joints.smooth_labels(joints)).any(axis=-1)
    assert missing.sum() == missing[8:, 2].sum() == 6  # frame 8 is the first whose 11 labels have the last one


def test_labels_that_are_kept_for_some_frames_have_the_noise_of_their_steps():
    clip = make_clip(num_frames=24)
    held = clip.joints[np.arange(24) // 3 * 3]  # each label is that of up to two frames before
    found = carried_joints.measure_without_flow([RealClip("film", clip.frames, held)])["noise of the labels"]
    elbows = found[5, "elbows"][0]
    assert 0 < np.median(elbows) < 2 * np.linalg.norm(STEP)
    [wrists] = found[5, "wrists"]
    np.testing.assert_allclose(wrists.reshape(-1, 2)[:, 1], 0, atol=1e-6)  # the right one stays


def test_the_best_of_estimators_is_found_for_each_joint():
    first, second = ({(5, "wrists"): [np.array(part)]} for part in ([1.0, 4.0], [3.0, 2.0]))
    [best] = carried_joints.find_best([first, second])[5, "wrists"]
    np.testing.assert_array_equal(best, [1, 2])


def test_a_clip_too_short_has_no_errors():
    errors = carried_joints.measure([make_clip(num_frames=4)], true_flow)
    assert [len(errors[gap, "wrists"][0]) for gap in GAPS] == [2, 0, 0]
