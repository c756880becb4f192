"""The codec is its own inverse, in px of the input, at any stride and size."""

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.heatmaps import HeatmapCodec, find_modes


@pytest.mark.parametrize(("stride", "sigma_px"), [(4, 1.5), (8, 1.0), (4.0, 3.0), (1, 2.0)])
@pytest.mark.parametrize("size_hw", [(16, 16), (13, 27)])
def test_encoding_and_decoding_is_the_identity(stride, sigma_px, size_hw):
    codec = HeatmapCodec(stride, sigma_px)
    high = [size_hw[1] * stride - 1, size_hw[0] * stride - 1]
    points = np.random.default_rng(0).uniform(0, high, (3, 5, 7, 2)).astype(np.float32)
    targets = np.concatenate([points, np.ones((3, 5, 7, 1), np.float32)], -1)
    decoded, scores = codec.decode(codec.encode(targets, size_hw))
    np.testing.assert_allclose(decoded, points, atol=0.01 * stride)
    assert decoded.shape == (3, 5, 7, 2)
    assert scores.shape == (3, 5, 7)


def test_a_pixel_by_hand():
    """Stride 4: column 2 of the map is the middle of the input's pixels 8 to 11."""
    maps = np.zeros((1, 3, 3, 1), np.float32)
    maps[0, 1, 2, 0] = 0.5
    points, scores = HeatmapCodec(4).decode(maps)
    np.testing.assert_allclose(points, [[[9.5, 5.5]]])
    np.testing.assert_allclose(scores, [[0.5]])


def test_modes_come_in_px_of_the_input_the_highest_first():
    codec = HeatmapCodec(4, 1.0)
    left, right = codec.encode(np.array([[[10.0, 30.0, 1.0]], [[50.0, 34.0, 1.0]]], np.float32), (16, 16))
    points, scores = codec.decode_modes(0.4 * left + 0.9 * right, max_modes=3)
    assert points.shape == (1, 3, 2)
    np.testing.assert_allclose(points[0], [[50.0, 34.0], [10.0, 30.0], [0.0, 0.0]], atol=0.1)
    assert scores[0, 0] > scores[0, 1] > scores[0, 2] == 0


def test_three_modes_are_asked_for_if_nothing_is_said():
    places = np.array([[[4.0 + 12 * i, 30.0, 1.0]] for i in range(5)], np.float32)
    codec = HeatmapCodec(4, 0.5)
    many = np.max(codec.encode(places, (16, 16)), axis=0)
    for points, heights in (codec.decode_modes(many), find_modes(many)):
        assert points.shape == (1, 3, 2)
        assert (np.array(heights) > 0.1).all()


def test_the_first_mode_is_what_decode_finds():
    maps = np.random.default_rng(1).uniform(0, 1, (4, 12, 10, 3)).astype(np.float32)
    codec = HeatmapCodec(4)
    points, scores = codec.decode(maps)
    modes, heights = codec.decode_modes(maps, max_modes=2)
    np.testing.assert_allclose(modes[:, :, 0], points, atol=1e-4)
    np.testing.assert_allclose(heights[:, :, 0], scores)


def test_it_compiles_with_xla():
    codec = HeatmapCodec(4)
    targets = tf.constant([[[20.0, 9.0, 1.0]]])
    compiled = tf.function(lambda t: codec.decode(codec.encode(t, (8, 8)))[0], jit_compile=True)
    np.testing.assert_allclose(compiled(targets), [[[20.0, 9.0]]], atol=0.01)


@pytest.mark.parametrize("arguments", [{"stride": 0}, {"stride": -4}, {"stride": 4, "sigma_px": 0}])
def test_numbers_out_of_range_are_refused(arguments):
    with pytest.raises(ValueError, match="expected a number above 0"):
        HeatmapCodec(**arguments)


def test_gaussians_are_one_and_a_half_heatmap_px_wide_by_default():
    maps = HeatmapCodec(1).encode(np.float32([[4, 4, 1]]), (9, 9))
    np.testing.assert_allclose(maps[4, :, 0], np.exp(-((np.arange(9) - 4.0) ** 2) / (2 * 1.5**2)), atol=1e-6)
