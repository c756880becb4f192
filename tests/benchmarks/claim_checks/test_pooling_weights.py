"""Best weights of parametric pooling, in closed form."""

import numpy as np
import pytest

from benchmarks.claim_checks import pooling_weights
from benchmarks.claim_checks.findings import HELD
from benchmarks.pooling.warped_windows import WarpedWindows
from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.evaluation.measures import joint_groups
from keras_pose.heatmaps import HeatmapCodec


def make_windows(count=12, frames=3, size=16):
    """Maps of noise whose weighted sum is the target: wrists need the middle frame more than other joints."""
    rng = np.random.default_rng(0)
    joints = SKELETON.num_joints
    targets = np.concatenate([rng.uniform(8, 56, (count, joints, 2)), np.ones((count, joints, 1))], -1)
    weights = np.tile([0.25, 0.5, 0.25], (joints, 1))
    weights[list(joint_groups(SKELETON)["wrist"])] = [0.1, 0.8, 0.1]
    maps = rng.normal(size=(count, frames, size, size, joints))
    wanted = HeatmapCodec(4.0, 1.5).encode(targets.astype(np.float32), (size, size)).numpy()
    ends = maps[:, 0] * weights[:, 0] + maps[:, 2] * weights[:, 2]
    maps[:, 1] = (wanted - ends) / weights[:, 1]
    windows = WarpedWindows(maps.astype(np.float16), np.ones(maps.shape[:4], np.float16), targets.astype(np.float32))
    return windows, weights


def test_weights_that_made_the_targets_are_found():
    windows, weights = make_windows()
    grams, moments = pooling_weights.sum_products(windows, [f"clip-{n // 2}" for n in range(12)], 1.5, 64)
    assert grams.shape == (6, SKELETON.num_joints, 4, 4)
    found = pooling_weights.solve_weights(grams.sum(0), moments.sum(0))
    np.testing.assert_allclose(found, weights, atol=0.01)


def test_joints_without_labels_add_nothing():
    windows, _ = make_windows(4)
    windows.targets[:, 0, 2] = 0
    grams, moments = pooling_weights.sum_products(windows, ["a", "a", "b", "b"], 1.5, 64)
    assert not grams[:, 0].any()
    assert not moments[:, 0].any()
    assert grams[:, 1].any()


def test_findings_are_the_excess_of_the_centre_and_the_difference_of_the_joints():
    windows, _ = make_windows()
    grams, moments = pooling_weights.sum_products(windows, [str(n) for n in range(12)], 1.5, 64)
    centre, difference = pooling_weights.compare_weights(grams, moments, SKELETON, "signers")
    assert centre.value == pytest.approx((5 * 0.25 + 2 * 0.7) / 7, abs=0.02)
    assert difference.value == pytest.approx(0.3, abs=0.02)
    assert centre.verdict == difference.verdict == HELD
    assert "wrist 0.80/0.10/0.10" in centre.note
