"""Jitter and lag of paths whose jitter and lag are known."""

import numpy as np
import pytest

from keras_pose.evaluation import trajectories
from tests.helpers.beside_frames import make_beside, make_path


@pytest.mark.parametrize("lag", [-2.0, -0.5, 0.0, 1.0, 1.7])
def test_a_known_lag_is_found(lag):
    late = make_path(30, lag=lag)[:, None]
    found = trajectories.lag_frames([late], [make_path(30)[:, None]], [1.0])
    assert found == pytest.approx(lag, abs=0.06)


def test_error_across_the_motion_and_a_constant_offset_do_not_count():
    reference = make_path(30)[:, None]
    across = np.array([-12.0, 16.0]) / 20
    wobble = 8 * np.sin(np.arange(30))[:, None, None] * across
    late = make_path(30, lag=1.0)[:, None] + wobble + 7.0
    assert trajectories.lag_frames([late], [reference], [1.0]) == pytest.approx(1.0, abs=0.06)


def test_joints_at_rest_unlabelled_joints_and_short_stretches_say_nothing():
    moving = make_path(30)[:, None]
    still = moving * 0 + 5
    unknown = moving.copy()
    unknown[3] = np.nan
    assert trajectories.lag_frames([still], [still], [1.0]) is None
    assert trajectories.lag_frames([moving], [unknown], [1.0]) is None
    assert trajectories.lag_frames([moving[:8]], [moving[:8]], [1.0]) is None
    late = np.concatenate([make_path(30, lag=1.0)[:, None], still], axis=1)
    both = np.concatenate([moving, still], axis=1)
    assert trajectories.lag_frames([late], [both], [1.0]) == pytest.approx(1.0, abs=0.06)


def test_jitter_and_lag_of_pooled_positions_against_the_frame_alone():
    truth = np.repeat(make_path(40)[:, None], 3, axis=1)
    sign = np.where(np.arange(40) % 2, 1.0, -1.0)[:, None, None]
    along = np.array([0.0, 1.0])
    single = truth + 2 * sign * along  # second difference 8 px, beside that of the motion
    pooled = np.repeat(make_path(40, lag=1.0)[:, None], 3, axis=1) + 0.5 * sign * along
    found = trajectories.compare([make_beside(truth, single, pooled)])
    assert (found["num_stretches"], found["num_frames"]) == (1, 40)
    assert found["jitter_px"]["single"] == pytest.approx(8.0, abs=0.3)
    assert found["jitter_px"]["pooled"] == pytest.approx(2.0, abs=0.4)
    assert found["jitter_px"]["ratio"] == pytest.approx(0.25, abs=0.05)
    assert found["lag_frames"]["behind_labels"] == pytest.approx(1.0, abs=0.1)
    assert found["lag_frames"]["behind_single"] == pytest.approx(1.0, abs=0.15)


def test_nothing_is_measured_without_stretches():
    found = trajectories.compare([])
    assert found["jitter_px"] == {"single": None, "pooled": None, "ratio": None}
    assert found["lag_frames"] == {"behind_labels": None, "behind_single": None}
