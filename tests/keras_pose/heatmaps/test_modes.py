import numpy as np
import pytest
import tensorflow as tf

from keras_pose.heatmaps import decode_subpixel, find_modes, render_heatmaps


def two_hands():
    """Two maps [1, 20, 24, 2]: two modes of heights 0.9 and 0.5 in the first, one of height 0.4 in the second."""
    targets = np.array([[[4.1, 5.1, 1], [18.1, 13.9, 1], [10.0, 10.0, 1]]], np.float32)
    a, b, c = tf.unstack(render_heatmaps(targets, (20, 24), 1, 1.5), axis=-1)
    return tf.stack([0.5 * a + 0.9 * b, 0.4 * c], axis=-1)


def modes_by_loop(heatmap, min_height, radius_px):
    found = []
    height, width = heatmap.shape
    for row in range(height):
        for column in range(width):
            around = heatmap[
                max(0, row - radius_px) : row + radius_px + 1, max(0, column - radius_px) : column + radius_px + 1
            ]
            if heatmap[row, column] >= min_height and heatmap[row, column] == around.max():
                found.append((heatmap[row, column], column, row))
    return sorted(found, reverse=True)


def test_both_modes_come_with_their_heights():
    points, heights = find_modes(two_hands(), max_modes=3)
    assert points.shape == (1, 2, 3, 2)
    np.testing.assert_allclose(points[0, 0, :2], [[18.1, 13.9], [4.1, 5.1]], atol=0.02)
    np.testing.assert_allclose(heights[0], [[0.9, 0.5, 0], [0.4, 0, 0]], atol=0.01)
    np.testing.assert_array_equal(points[0, 0, 2], [0, 0])


def test_first_mode_is_the_subpixel_maximum():
    points, heights = find_modes(two_hands())
    expected_points, expected_heights = decode_subpixel(two_hands())
    np.testing.assert_array_equal(points[:, :, 0], expected_points)
    np.testing.assert_array_equal(heights[:, :, 0], expected_heights)


@pytest.mark.parametrize(("min_distance_px", "radius_px"), [(1.0, 1), (2.0, 1), (2.5, 2), (5.0, 4)])
def test_equals_double_loop_on_noise(min_distance_px, radius_px):
    maps = np.random.default_rng(0).uniform(0, 1, (3, 15, 11, 2)).astype(np.float32)
    points, heights = find_modes(maps, 40, 0.3, min_distance_px)
    for b in range(3):
        for j in range(2):
            expected = modes_by_loop(maps[b, :, :, j], 0.3, radius_px)
            assert int((heights[b, j] > 0).numpy().sum()) == len(expected)
            np.testing.assert_array_equal(heights[b, j, : len(expected)], [e[0] for e in expected])
            assert np.abs(points[b, j, : len(expected)] - np.array([e[1:] for e in expected])).max() <= 0.5


def test_a_plateau_is_one_mode():
    heatmap = np.zeros((9, 9, 1), np.float32)
    heatmap[2:4, 5:7] = 0.8
    _, heights = find_modes(heatmap, 4)
    np.testing.assert_allclose(heights, [[0.8, 0, 0, 0]])
    _, heights = find_modes(np.ones((9, 9, 1), np.float32), 4)
    np.testing.assert_allclose(heights, [[1, 0, 0, 0]])


def test_low_and_empty_maps_have_no_modes():
    for heatmap in (np.zeros((5, 5, 1)), np.full((5, 5, 1), -1.0), np.full((5, 5, 1), 0.05)):
        points, heights = find_modes(heatmap.astype(np.float32), 2, min_height=0.1)
        assert (heights.numpy() == 0).all()
        assert (points.numpy() == 0).all()


def test_more_modes_than_pixels_and_leading_axes():
    points, heights = find_modes(np.ones((2, 3, 2, 1, 4), np.float32), 5)
    assert points.shape == (2, 3, 4, 5, 2)
    assert heights.shape == (2, 3, 4, 5)


def test_same_in_xla_and_float16():
    points, heights = find_modes(two_hands())
    compiled = tf.function(find_modes, jit_compile=True)(two_hands())
    np.testing.assert_allclose(compiled[0], points, atol=1e-4)
    np.testing.assert_allclose(compiled[1], heights, atol=1e-6)
    half = find_modes(tf.cast(two_hands(), tf.float16))
    np.testing.assert_allclose(half[0], points, atol=0.05)
    graph = tf.function(find_modes, input_signature=[tf.TensorSpec([None] * 4)])
    np.testing.assert_allclose(graph(two_hands())[0], points, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_modes": 0}, "max_modes: expected at least 1, received 0"),
        ({"min_height": 0.0}, "min_height: expected a number above 0, received 0.0"),
        ({"min_distance_px": -1}, "min_distance_px: expected a number above 0, received -1"),
    ],
)
def test_errors_say_what_was_received(arguments, message):
    with pytest.raises(ValueError, match=message):
        find_modes(two_hands(), **arguments)
