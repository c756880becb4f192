"""The track: its fit, where it ends, symmetry in time, its height and border, and what it learns.

`test_temporal_pooling` compares it with loops, and its gradients for random maps with differences.
"""

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.heatmaps import decode_subpixel, render_heatmaps
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.pooling.track import fit_polynomials, make_powers
from keras_pose.training.temporal_losses import HeatmapPosition
from tests.helpers import pooling_layers
from tests.helpers.pooling_layers import fit, make_blobs, make_trained, make_wrong_modes, share_within


def pool(layer, maps, valid=None):
    valid = np.ones(maps.shape[:2], np.float32) if valid is None else np.asarray(valid, np.float32)
    return layer([maps, valid]).numpy()


def draw(points, size_hw=(24, 28)):
    """Maps float32 [1, T, h, w, 1] of peaks at points [T, 2]."""
    return make_blobs(np.asarray(points, float)[None], size_hw, 1.5)[..., None].astype(np.float32)


def test_polynomials_are_weighted_ridge_regressions():
    rng = np.random.default_rng(0)
    powers = make_powers(7).numpy()
    np.testing.assert_allclose(powers[1], (-2 / 3) ** np.arange(5), rtol=1e-5)
    weight = rng.uniform(0, 1, (2, 7, 3)).astype(np.float32)
    points = rng.normal(size=(2, 7, 3, 2)).astype(np.float32)
    ridge = rng.uniform(0.01, 1, (5, 3)).astype(np.float32)
    found = fit_polynomials(powers, weight, points, ridge).numpy()
    for b, j in np.ndindex(2, 3):
        # The same as least squares with a row for each frame and for each coefficient.
        rows = np.concatenate([np.sqrt(weight[b, :, j])[:, None] * powers, np.diag(np.sqrt(ridge[:, j]))])
        right = np.concatenate([np.sqrt(weight[b, :, j])[:, None] * points[b, :, j], np.zeros((5, 2))])
        np.testing.assert_allclose(found[b, j], np.linalg.lstsq(rows, right, rcond=None)[0], rtol=1e-3, atol=1e-4)


def test_it_has_a_weight_for_each_distance_and_thirteen_joint_parameters():
    layer = TemporalPooling("track")
    layer([np.zeros((1, 11, 8, 8, 7), np.float32), np.ones((1, 11), np.float32)])
    assert layer.count_params() == 7 * (10 + 6)


def test_an_outlier_in_the_middle_goes_to_the_trajectory():
    points = np.stack([8 + 1.2 * np.arange(-5, 6), 10 - 0.4 * np.arange(-5, 6)], axis=-1)
    expected = points[5].copy()
    points[5] = (22, 3)
    layer = TemporalPooling("track")
    found, heights = decode_subpixel(pool(layer, draw(points)))
    np.testing.assert_allclose(found.numpy()[0, 0], expected, atol=0.15)
    assert 0.8 < float(heights[0, 0]) < 0.95  # ten of eleven frames agree


def test_a_window_reversed_in_time_gives_the_same():
    maps, _ = make_wrong_modes(1, examples=3, num_frames=5)
    layer = make_trained("track", like=[maps, np.ones((3, 5), np.float32)])
    valid = np.array([[0, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    np.testing.assert_allclose(pool(layer, maps[:, ::-1], valid[:, ::-1]), pool(layer, maps, valid), atol=2e-4)


def test_frames_beyond_a_missing_one_do_not_count():
    points = np.stack([8 + np.arange(7), np.full(7, 10.0)], axis=-1)
    layer = TemporalPooling("track")
    valid = [[1, 1, 0, 1, 1, 0, 1]]
    before = pool(layer, draw(points), valid)
    points[[0, 1, 2, 5, 6]] = 20
    np.testing.assert_array_equal(pool(layer, draw(points), valid), before)
    points[4] += 1
    assert np.abs(pool(layer, draw(points), valid) - before).max() > 0.01


def test_a_trajectory_out_of_the_map_ends_at_its_border():
    points = np.stack([14 - 3.0 * np.arange(-2, 3), np.full(5, 9.0)], axis=-1)
    points[2:, 0] = (-4, 27, 27)  # the peak of the middle frame has left
    layer = TemporalPooling("track")
    layer([draw(points), np.ones((1, 5), np.float32)])
    layer.gate_bias.assign([9.0])
    layer.log_gate_width.assign([4.0])
    found, heights = decode_subpixel(pool(layer, draw(points)))
    assert -0.5 <= float(found[0, 0, 0]) <= 27.5
    assert np.isfinite(heights).all()


def test_empty_maps_stay_empty():
    maps = np.zeros((1, 5, 6, 8, 2), np.float32)
    np.testing.assert_array_equal(pool(TemporalPooling("track"), maps), maps[:, 0])


@pytest.mark.parametrize("sigma_px", [1.0, 2.0])
def test_the_result_is_a_gaussian_of_the_width_that_the_net_learns(sigma_px):
    points = np.full((3, 2), 9.25)
    pooled = pool(TemporalPooling("track", sigma_px=sigma_px), draw(points))
    expected = render_heatmaps(np.float32([[[9.25, 9.25, 1]]]), (24, 28), 1.0, sigma_px)
    np.testing.assert_allclose(pooled / pooled.max(), expected / tf.reduce_max(expected), atol=2e-2)


def test_wrong_modes_are_corrected_and_a_fit_improves_it():
    maps, points = make_wrong_modes(3)
    held_out, truth = make_wrong_modes(4)
    layer = TemporalPooling("track")
    single = share_within(held_out[:, 3], truth)
    loss = HeatmapPosition(stride=1, sigma_px=1.5)
    targets = np.concatenate([points, np.ones((len(points), 1, 1), np.float32)], axis=-1)
    before = float(loss(targets, pool(layer, maps)))
    untrained = share_within(pool(layer, held_out), truth)
    fit(layer, [maps, np.ones(maps.shape[:2], np.float32)], targets, 60, loss=loss)
    assert float(loss(targets, pool(layer, maps))) < before
    assert single < 0.75
    assert untrained > single + 0.1
    assert share_within(pool(layer, held_out), truth) > single + 0.15


def test_gradients_stay_finite_for_flat_and_for_huge_maps():
    layer = TemporalPooling("track")
    for value in (0.0, -3.0, 1e4):
        inputs = [np.full((1, 5, 6, 6, 2), value, np.float32), np.ones((1, 5)), np.ones((1, 5, 6, 6), np.float32)]
        cotangent = np.random.default_rng(0).normal(size=(1, 6, 6, 2)).astype(np.float32)
        pooled, gradients = pooling_layers.value_and_gradients(layer, inputs, cotangent)
        assert np.isfinite(pooled)
        assert all(np.isfinite(g).all() for g in gradients if g is not None)
