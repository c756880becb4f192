"""The chain with a read-out: what its Gaussian does, that a chain is a case of it, and what it learns.

`test_temporal_pooling` compares it with loops, and its gradients with differences; `test_accumulators` its streams.
"""

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.heatmaps import decode_subpixel
from keras_pose.pooling.chain_readout import make_readout
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.training.temporal_losses import HeatmapCrossEntropy
from tests.helpers.pooling_layers import fit, make_blobs, make_trained, make_wrong_modes, share_within


def pool(layer, maps):
    return layer([maps, np.ones(maps.shape[:2], np.float32)]).numpy()


def set_readout(layer, offset, width_px):
    layer.readout_offset.assign(np.tile(np.array(offset, np.float32)[:, None], layer.readout_offset.shape[1]))
    layer.readout_log_width.assign(np.full(layer.readout_log_width.shape, np.log(width_px), np.float32))


def test_seven_joints_have_749_weights():
    layer = TemporalPooling("chain_readout")
    layer([np.zeros((1, 11, 8, 8, 7), np.float32), np.ones((1, 11), np.float32)])
    assert layer.count_params() == 749


def test_the_readout_is_a_gaussian_around_the_offset_reversed():
    kernel = make_readout(tf.constant([[1.5, 0.0], [-2.0, 0.0]]), tf.math.log([1.2, 0.8])).numpy()
    assert kernel.shape == (9, 9, 2)
    np.testing.assert_allclose(kernel.sum(axis=(0, 1)), 1, rtol=1e-5)
    for joint, (middle, width) in enumerate(((np.array([2.5, 6.0]), 1.2), (np.array([4.0, 4.0]), 0.8))):
        expected = make_blobs(middle, (9, 9), width)
        np.testing.assert_allclose(kernel[..., joint], expected / expected.sum(), rtol=1e-4, atol=1e-7)


def test_an_offset_moves_the_result():
    maps, _ = make_wrong_modes(0, examples=4)
    layer = make_trained("chain_readout", like=[maps, np.ones(maps.shape[:2], np.float32)])
    set_readout(layer, (0, 0), 0.8)
    before, _ = decode_subpixel(pool(layer, maps)[:, 4:-4, 4:-4])
    set_readout(layer, (2, -1), 0.8)
    after, _ = decode_subpixel(np.roll(pool(layer, maps), (1, -2), axis=(1, 2))[:, 4:-4, 4:-4])
    np.testing.assert_allclose(after, before, atol=1e-3)


def test_read_through_a_point_it_is_a_chain():
    maps, _ = make_wrong_modes(1, examples=4)
    chain = make_trained("chain", like=[maps, np.ones(maps.shape[:2], np.float32)])
    layer = TemporalPooling("chain_readout")
    pool(layer, maps)
    layer.set_weights([*chain.get_weights(), *layer.get_weights()[-2:]])
    set_readout(layer, (0, 0), 0.1)
    np.testing.assert_allclose(pool(layer, maps), pool(chain, maps), rtol=1e-5, atol=1e-6)


def test_the_place_with_the_most_around_it_beats_the_likeliest_pixel():
    layer = TemporalPooling("chain_readout")
    maps = np.zeros((1, 3, 16, 16, 1), np.float32)
    maps[..., 3, 3, 0] = 1.0
    maps[..., 10:13, 10:13, 0] = 0.9
    points, _ = decode_subpixel(pool(layer, maps))
    np.testing.assert_allclose(points[0, 0], [11, 11], atol=0.1)
    points, _ = decode_subpixel(pool(TemporalPooling("none"), maps))
    np.testing.assert_allclose(points[0, 0], [3, 3], atol=0.6)


def test_a_fit_learns_where_the_labels_lie_beside_the_peaks():
    maps, points = make_wrong_modes(3)
    held_out, truth = make_wrong_modes(4)
    beside = np.array([1.6, -1.2], np.float32)
    layer = TemporalPooling("chain_readout")
    targets = np.concatenate([points + beside, np.ones((len(points), 1, 1), np.float32)], axis=-1)
    before = share_within(pool(layer, held_out), truth + beside)
    loss = HeatmapCrossEntropy(stride=1, sigma_px=1.5)
    fit(layer, [maps, np.ones(maps.shape[:2], np.float32)], targets, 60, loss=loss)
    assert before < 0.2
    assert share_within(pool(layer, held_out), truth + beside) > 0.9
    offset = np.array(layer.readout_offset)[:, 0]
    assert (np.sign(offset) == np.sign(beside)).all()
    assert np.abs(offset).min() > 0.3


@pytest.mark.parametrize("value", [0.0, -3.0, 1e4])
def test_results_stay_finite_for_empty_and_for_huge_maps(value):
    assert np.isfinite(pool(TemporalPooling("chain_readout"), np.full((1, 5, 12, 12, 2), value, np.float32))).all()
