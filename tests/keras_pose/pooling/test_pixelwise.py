"""Poolings of each pixel on its own: the weighted sum at the ends of clips, and what parametric pooling finds."""

import numpy as np

from keras_pose.pooling.pixelwise import CurrentFrame, Max, Sum, weighted_sum
from keras_pose.pooling.temporal_pooling import TemporalPooling
from tests.helpers.pooling_layers import fit, make_blobs


def test_the_weighted_sum_gives_missing_weight_to_the_current_frame():
    maps = np.arange(3, dtype=np.float32).reshape(1, 3, 1, 1, 1) + 10  # 10, 11, 12; the current frame is 11
    weight = np.array([[1.0], [2.0], [4.0]], np.float32)
    for present, expected in (((1, 1, 1), 10 + 22 + 48), ((0, 1, 1), 33 + 48), ((0, 0, 0), 7 * 11)):
        pooled = weighted_sum(maps, weight, np.array([present], bool))
        np.testing.assert_allclose(pooled, np.full((1, 1, 1, 1), expected), rtol=1e-6)


def test_sum_is_the_mean_and_max_the_largest_map_where_the_current_frame_stands_for_missing_ones():
    maps = np.random.default_rng(1).normal(size=(2, 5, 3, 4, 2)).astype(np.float32)
    present = np.array([[1, 1, 1, 1, 1], [0, 1, 1, 0, 0]], bool)
    filled = np.where(present[:, :, None, None, None], maps, maps[:, 2:3])
    np.testing.assert_allclose(Sum().pool(None, maps, present, None), filled.mean(1), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(Max().pool(None, maps, present, None), filled.max(1))
    np.testing.assert_array_equal(CurrentFrame().pool(None, maps, present, None), maps[:, 2])
    weights, bias = Sum().linear_weights(None, 5, 2)
    np.testing.assert_allclose(
        np.einsum("bthwj,tj->bhwj", filled, weights) + bias, filled.mean(1), rtol=1e-5, atol=1e-6
    )


def test_parametric_finds_the_frame_that_carries_the_truth():
    rng = np.random.default_rng(0)
    truth = make_blobs(rng.uniform(2, 9, (32, 2, 2)))  # [N, joints, 12, 12]
    maps = make_blobs(rng.uniform(2, 9, (32, 3, 2, 2)))
    maps[:, 0, 0] = truth[:, 0]
    maps[:, 1, 1] = truth[:, 1]  # joint 0 in frame −1, joint 1 in the current one
    maps = np.moveaxis(maps, 2, -1).astype(np.float32)
    truth = np.moveaxis(truth, 1, -1).astype(np.float32)
    layer = TemporalPooling("parametric")
    fit(layer, [maps, np.ones((32, 3), np.float32), np.ones((32, 3, 12, 12), np.float32)], truth, 150)
    np.testing.assert_allclose(layer.frame_weights(), [[1, 0], [0, 1], [0, 0]], atol=0.1)
