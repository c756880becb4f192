import math

import numpy as np
import pytest

from keras_pose.poses.video_poses import VideoFacts
from keras_pose.tracking import smoothing
from keras_pose.tracking.smoothing import smooth, smooth_poses
from tests.helpers.video_poses import random_poses


def tracks(num_frames=60, people=2, num_joints=3, seed=0):
    """Joints [N, P, J, 2], scores and uneven times; with short and long gaps."""
    rng = np.random.default_rng(seed)
    joints = np.cumsum(rng.normal(0, 3, (num_frames, people, num_joints, 2)), 0) + 100
    joints = (joints + rng.normal(0, 2, joints.shape)).astype(np.float32)
    times = np.cumsum(rng.uniform(0.02, 0.06, num_frames))
    joints[10:12, 0, 0] = np.nan  # short
    joints[20:40, 0, 1] = np.nan  # long
    joints[:5, 1] = np.nan
    joints[-3:, 1, 2] = np.nan
    joints[30, :, :, 0] = np.nan  # one coordinate alone
    scores = rng.uniform(0, 1, joints.shape[:-1]).astype(np.float32)
    return joints, scores, times


def one_euro_by_loops(values, times, min_cutoff, beta, derivative_cutoff, max_gap):
    """Algorithm 1 and 2 of the paper for one coordinate; None: not there."""

    def alpha(step, cutoff):
        tau = 1 / (2 * math.pi * cutoff)
        return 1 / (1 + tau / step)

    result = []
    last = None
    for value, time in zip(values, times):
        if value is None:
            result.append(None)
            continue
        if last is None or time - last > max_gap:
            speed = 0.0
            filtered = value
        else:
            step = time - last
            a = alpha(step, derivative_cutoff)
            speed = a * (value - filtered) / step + (1 - a) * speed
            a = alpha(step, min_cutoff + beta * abs(speed))
            filtered = a * value + (1 - a) * filtered
        last = time
        result.append(filtered)
    return result


def test_one_euro_follows_the_paper():
    joints, scores, times = tracks()
    found = smooth(
        joints,
        scores,
        times,
        "one_euro",
        side_px=50.0,
        min_cutoff_hz=1.5,
        beta=10.0,
        derivative_cutoff_hz=0.8,
        max_gap_s=0.3,
    )
    there = np.isfinite(joints).all(-1)
    for p, j, axis in np.ndindex(2, 3, 2):
        values = [float(joints[n, p, j, axis]) if there[n, p, j] else None for n in range(len(times))]
        expected = one_euro_by_loops(values, times, 1.5, 10.0 / 50.0, 0.8, 0.3)
        for n, value in enumerate(expected):
            if value is not None:
                assert found[n, p, j, axis] == pytest.approx(value, abs=1e-4)


def median_by_loops(values, times, reach, max_gap):
    """Median of the frames around each of one coordinate, in pairs, within one part; None: not there."""
    parts = []
    last = None
    part = 0
    for value, time in zip(values, times):
        if value is not None:
            part += last is None or time - last > max_gap
            last = time
        parts.append(part if value is not None else None)
    result = []
    for n, value in enumerate(values):
        if value is None:
            result.append(None)
            continue
        window = [value]
        for d in range(1, reach + 1):
            pair = [k for k in (n - d, n + d) if 0 <= k < len(values) and parts[k] == parts[n]]
            window += [values[k] for k in pair] if len(pair) == 2 else []
        result.append(sorted(window)[len(window) // 2])
    return result


@pytest.mark.parametrize("frames", [1, 3, 7])
def test_median_is_that_of_the_frames_around(frames, monkeypatch):
    monkeypatch.setattr(smoothing, "_CHUNK", 13)
    joints, scores, times = tracks()
    found = smooth(joints, scores, times, "median", side_px=1.0, median_frames=frames, max_gap_s=0.3)
    there = np.isfinite(joints).all(-1)
    for p, j, axis in np.ndindex(2, 3, 2):
        values = [float(joints[n, p, j, axis]) if there[n, p, j] else None for n in range(len(times))]
        for n, value in enumerate(median_by_loops(values, times, frames // 2, 0.3)):
            if value is not None:
                assert found[n, p, j, axis] == np.float32(value)


@pytest.mark.parametrize("method", smoothing.METHODS)
def test_gaps_stay_gaps_and_nothing_else_is_one(method):
    joints, scores, times = tracks()
    found = smooth(joints, scores, times, method, side_px=100.0)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(found), np.isnan(joints))


@pytest.mark.parametrize("method", ["one_euro", "median"])
def test_a_long_gap_separates_what_is_before_and_after(method):
    joints, scores, times = tracks()
    other = joints.copy()
    other[:20, 0, 1] += 500
    first = smooth(joints, scores, times, method, side_px=100.0, median_frames=9)
    second = smooth(other, scores, times, method, side_px=100.0, median_frames=9)
    np.testing.assert_array_equal(first[40:, 0, 1], second[40:, 0, 1])
    np.testing.assert_array_equal(first[40, 0, 1], joints[40, 0, 1])


def test_none_changes_nothing():
    joints, scores, times = tracks()
    np.testing.assert_array_equal(smooth(joints, scores, times, "none", side_px=1.0), joints)


@pytest.mark.parametrize("method", ["one_euro", "median"])
def test_a_still_joint_stays_where_it_is(method):
    joints = np.full((30, 1, 2, 2), 37.25, np.float32)
    found = smooth(joints, np.ones((30, 1, 2)), np.arange(30) / 25, method, side_px=100.0)
    np.testing.assert_allclose(found, joints)


def test_defaults_calm_a_trembling_joint_and_keep_up_with_a_fast_one():
    rng = np.random.default_rng(0)
    times = np.arange(200) / 25
    still = np.full((200, 1, 1, 2), 64.0)
    fast = still + 30 * np.sin(2 * np.pi * times)[:, None, None, None]  # a quarter of the side, once a second
    noise = rng.normal(0, 0.5, still.shape)
    ones = np.ones((200, 1, 1))
    calmed = smooth(still + noise, ones, times, "one_euro", side_px=128.0) - still
    assert np.abs(np.diff(calmed, axis=0)).mean() < 0.75 * np.abs(np.diff(noise, axis=0)).mean()
    followed = smooth(fast + noise, ones, times, "one_euro", side_px=128.0) - fast
    assert np.abs(followed).mean() < 1.0


def test_the_same_movement_in_a_larger_frame_is_smoothed_alike():
    joints, scores, times = tracks()
    small = smooth(joints, scores, times, "one_euro", side_px=100.0)
    large = smooth(joints * 4, scores, times, "one_euro", side_px=400.0)
    np.testing.assert_allclose(large, small * 4, rtol=1e-5)


@pytest.mark.parametrize("method", ["one_euro", "median"])
def test_unsure_joints_stay_and_change_no_other_frame(method):
    joints, scores, times = tracks()
    scores[:] = 0.9
    scores[25] = 0.1
    scores[26] = np.nan
    other = joints.copy()
    other[25] += 300
    arguments = {"side_px": 100.0, "min_score": 0.5, "median_frames": 5}
    first = smooth(joints, scores, times, method, **arguments)
    second = smooth(other, scores, times, method, **arguments)
    np.testing.assert_array_equal(second[25], other[25])
    np.testing.assert_array_equal(np.delete(first, 25, 0), np.delete(second, 25, 0))
    assert (first[26] != joints[26])[:, 0].any()


def test_no_frames_are_fine():
    found = smooth(np.zeros((0, 1, 3, 2)), np.zeros((0, 1, 3)), np.zeros(0), "median", side_px=1.0)
    assert found.shape == (0, 1, 3, 2)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"method": "mean"}, "smoothing: expected one of none, one_euro, median, received 'mean'"),
        ({"joints": np.zeros((5, 3, 2))}, r"joints: expected shape \[N, P, J, 2\]"),
        ({"scores": np.zeros((5, 1, 2))}, "scores, times_s: expected shapes"),
        ({"times_s": np.array([0, 1, 1, 2, 3.0])}, "times_s: expected known times that rise"),
        ({"times_s": np.array([0, np.nan, 1, 2, 3.0])}, "times_s: expected known times that rise"),
        ({"median_frames": 4}, "median_frames: expected an odd number, received 4"),
        ({"side_px": 0.0}, "side_px: expected a number above 0"),
        ({"min_cutoff_hz": -1.0}, "min_cutoff_hz: expected a number above 0"),
        ({"beta": -1.0}, "beta, derivative_cutoff_hz: expected"),
        ({"max_gap_s": math.nan}, "max_gap_s: expected a number above 0"),
    ],
)
def test_wrong_arguments_are_refused(wrong, message):
    arguments = {
        "joints": np.zeros((5, 1, 3, 2)),
        "scores": np.zeros((5, 1, 3)),
        "times_s": np.arange(5.0),
        "method": "one_euro",
        "side_px": 1.0,
        **wrong,
    }
    with pytest.raises(ValueError, match=message):
        smooth(**arguments)


def test_poses_are_smoothed_at_the_scale_of_their_regions():
    poses = random_poses(people=("1", "2"), size_hw=(240, 320))
    found = smooth_poses(poses, "one_euro", beta=5.0)
    expected = smooth(poses.joints, poses.scores, poses.times_s, "one_euro", side_px=320.0, beta=5.0)
    np.testing.assert_array_equal(found.joints, expected)
    np.testing.assert_array_equal(found.scores, poses.scores)
    assert found.settings["smoothing"] == {"method": "one_euro", "beta": 5.0}


@pytest.mark.parametrize("times_s", [np.full(12, np.nan), np.repeat(np.arange(6.0), 2)])
def test_poses_with_unknown_times_use_the_frame_rate(times_s):
    poses = random_poses().replace(times_s=times_s, video=VideoFacts("a.mp4", (240, 320), 10.0, 12))
    found = smooth_poses(poses, "one_euro")
    expected = smooth(poses.joints, poses.scores, np.arange(12) / 10, "one_euro", side_px=320.0)
    np.testing.assert_array_equal(found.joints, expected)
