"""The chain: its kernels, where its messages end, symmetry in time, and what it learns.

`test_temporal_pooling` compares it with loops, and its gradients with differences.
"""

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.heatmaps import decode_subpixel
from keras_pose.pooling.accumulators import open_accumulator
from keras_pose.pooling.chain import make_kernels
from keras_pose.pooling.stream_buffer import StreamBuffer
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.training.temporal_losses import HeatmapCrossEntropy
from tests.helpers import pooling_layers
from tests.helpers.pooling_layers import fit, make_blobs, make_trained, make_wrong_modes, share_within


def pool(layer, maps, valid=None):
    valid = np.ones(maps.shape[:2], np.float32) if valid is None else np.asarray(valid, np.float32)
    return layer([maps, valid]).numpy()


def test_seven_joints_have_728_weights():
    layer = TemporalPooling("chain")
    layer([np.zeros((1, 11, 8, 8, 7), np.float32), np.ones((1, 11), np.float32)])
    assert layer.count_params() == 728


def test_kernels_begin_as_gaussians_that_sum_to_1():
    layer = TemporalPooling("chain")
    layer([np.zeros((1, 3, 8, 8, 2), np.float32), np.ones((1, 3), np.float32)])
    kernels = make_kernels(layer.kernel_logits).numpy()
    assert kernels.shape == (7, 7, 4, 1)
    np.testing.assert_allclose(kernels.sum(axis=(0, 1)), 1, rtol=1e-5)
    gaussian = make_blobs(np.array([3.0, 3.0]), (7, 7), 1.5)
    np.testing.assert_allclose(kernels[..., 1, 0], gaussian / gaussian.sum(), rtol=1e-4)


def test_logits_of_a_side_and_a_joint_make_its_kernel():
    logits = np.random.default_rng(0).normal(size=(2, 7, 7, 3)).astype(np.float32)
    kernels = make_kernels(tf.constant(logits)).numpy()
    for side in (0, 1):
        for joint in range(3):
            expected = np.exp(logits[side, ..., joint])
            np.testing.assert_allclose(kernels[..., 3 * side + joint, 0], expected / expected.sum(), rtol=1e-5)


def test_a_stream_gets_the_kernels_of_each_side_and_joint():
    layer = make_trained("chain")
    buffer = StreamBuffer(2, 1, pooling_layers.make_inputs()[0].shape[2:4], pooling_layers.J, True)
    kernels = open_accumulator(layer, buffer)._kernels  # float32 [side, J, k, k]
    expected = make_kernels(layer.kernel_logits).numpy()[..., 0]
    for side in (0, 1):
        for joint in range(pooling_layers.J):
            np.testing.assert_array_equal(kernels[side, joint], expected[..., pooling_layers.J * side + joint])


def test_frames_beyond_a_missing_one_do_not_count():
    maps, _ = make_wrong_modes(0, examples=2, num_frames=7)
    layer = TemporalPooling("chain")
    valid = [[1, 1, 0, 1, 1, 0, 1]] * 2
    before = pool(layer, maps, valid)
    maps[:, [0, 1, 2, 5, 6]] = 5.0
    np.testing.assert_array_equal(pool(layer, maps, valid), before)
    maps[:, 4] = np.roll(maps[:, 4], 5, axis=1)
    assert np.abs(pool(layer, maps, valid) - before).max() > 0.1


def test_a_window_reversed_in_time_gives_the_same_if_the_sides_change_places():
    maps, _ = make_wrong_modes(1, examples=3, num_frames=5)
    layer = make_trained("chain", like=[maps, np.ones((3, 5), np.float32)])
    mirrored = TemporalPooling("chain")
    mirrored([maps, np.ones((3, 5), np.float32)])
    mirrored.set_weights([w[::-1] if len(w) == 2 else w for w in layer.get_weights()])
    valid = np.array([[0, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    expected = pool(layer, maps, valid)
    np.testing.assert_allclose(pool(mirrored, maps[:, ::-1], valid[:, ::-1]), expected, rtol=1e-4, atol=1e-5)


def test_what_it_returns_sums_to_a_gaussian_of_peak_1():
    maps, _ = make_wrong_modes(2, examples=4)
    for sigma_px in (1.5, 2.0):
        pooled = pool(TemporalPooling("chain", sigma_px=sigma_px), maps)
        np.testing.assert_allclose(pooled.sum(axis=(1, 2)), 2 * np.pi * sigma_px**2, rtol=1e-4)


def test_wrong_modes_are_corrected_and_a_fit_makes_peaks_of_height_1():
    maps, points = make_wrong_modes(3)
    held_out, truth = make_wrong_modes(4)
    layer = TemporalPooling("chain")
    single = share_within(held_out[:, 3], truth)
    untrained = share_within(pool(layer, held_out), truth)
    loss = HeatmapCrossEntropy(stride=1, sigma_px=1.5)
    targets = np.concatenate([points, np.ones((len(points), 1, 1), np.float32)], axis=-1)
    before = float(loss(targets, pool(layer, maps)))
    fit(layer, [maps, np.ones(maps.shape[:2], np.float32)], targets, 60, loss=loss)
    pooled = pool(layer, held_out)
    assert float(loss(targets, pool(layer, maps))) < 0.7 * before
    assert single < 0.75
    assert untrained > single + 0.05
    assert share_within(pooled, truth) > single + 0.15
    right = np.linalg.norm(decode_subpixel(pooled)[0] - truth, axis=-1) < 1
    assert np.median(pooled.max(axis=(1, 2))[right]) == pytest.approx(1, abs=0.25)


def test_gradients_stay_finite_for_empty_and_for_huge_maps():
    layer = TemporalPooling("chain")
    for value in (0.0, -3.0, 1e4):
        inputs = [np.full((1, 5, 6, 6, 2), value, np.float32), np.ones((1, 5)), np.ones((1, 5, 6, 6), np.float32)]
        cotangent = np.random.default_rng(0).normal(size=(1, 6, 6, 2)).astype(np.float32)
        pooled, gradients = pooling_layers.value_and_gradients(layer, inputs, cotangent)
        assert np.isfinite(pooled)
        assert all(np.isfinite(g).all() for g in gradients if g is not None)
