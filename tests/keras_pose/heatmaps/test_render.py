import math

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.heatmaps import heatmap_to_input, input_to_heatmap, render_heatmaps


def render_by_loop(targets, size_hw, stride, sigma_px):
    height, width = size_hw
    maps = np.zeros((len(targets), height, width, targets.shape[1]), np.float64)
    for b, joints in enumerate(targets):
        for j, (x, y, weight) in enumerate(joints):
            if weight <= 0:
                continue
            cx = (x + 0.5) / stride - 0.5
            cy = (y + 0.5) / stride - 0.5
            for row in range(height):
                for column in range(width):
                    squared = (column - cx) ** 2 + (row - cy) ** 2
                    maps[b, row, column, j] = math.exp(-squared / (2 * sigma_px**2))
    return maps


@pytest.fixture
def targets():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.uniform(-3, 60, (3, 4, 2)), np.ones((3, 4, 1))], axis=-1).astype(np.float32)
    values[0, 1] = 0
    values[1, 2, 2] = 0.3
    return values


def test_three_by_three_by_hand():
    # Input px 5.5 at stride 4 is heatmap px (5.5 + 0.5)/4 - 0.5 = 1; sigma² = 1/(2·ln 2) halves the height at 1 px.
    sigma_px = math.sqrt(1 / (2 * math.log(2)))
    maps = render_heatmaps([[[5.5, 5.5, 1.0]]], (3, 3), 4, sigma_px)
    np.testing.assert_allclose(maps[0, :, :, 0], [[0.25, 0.5, 0.25], [0.5, 1.0, 0.5], [0.25, 0.5, 0.25]], rtol=1e-5)


@pytest.mark.parametrize(("size_hw", "stride", "sigma_px"), [((16, 16), 4, 1.5), ((9, 13), 5, 0.8)])
def test_equals_double_loop(targets, size_hw, stride, sigma_px):
    maps = render_heatmaps(targets, size_hw, stride, sigma_px)
    assert maps.dtype == tf.float32
    np.testing.assert_allclose(maps, render_by_loop(targets, size_hw, stride, sigma_px), atol=2e-6)


def test_many_joints_equal_few(targets):
    """More joints take another way through the graph."""
    maps = render_heatmaps(targets, (9, 13), 4, 1.5)
    many = render_heatmaps(np.concatenate([targets] * 5, axis=1), (9, 13), 4, 1.5)
    assert many.shape == (3, 9, 13, 20)
    np.testing.assert_allclose(many, np.concatenate([maps] * 5, axis=-1), atol=1e-6)


def test_unlabelled_joint_is_empty_and_other_weights_keep_the_peak(targets):
    maps = render_heatmaps(targets, (16, 16), 4, 1.5).numpy()
    assert (maps[0, :, :, 1] == 0).all()
    np.testing.assert_allclose(maps[1, :, :, 2], render_by_loop(targets, (16, 16), 4, 1.5)[1, :, :, 2], atol=2e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_no_value_reaches_the_map_as_nan(value):
    targets = tf.constant([[[value, 3.0, 1.0], [3.0, value, 0.0], [3.0, 3.0, np.nan]]])
    with tf.GradientTape() as tape:
        tape.watch(targets)
        maps = render_heatmaps(targets, (4, 4), 4)
        total = tf.reduce_sum(maps)
    assert (maps.numpy() == 0).all()
    assert np.isfinite(tape.gradient(total, targets).numpy()).all()


def test_leading_axes_and_float16(targets):
    whole = render_heatmaps(targets, (16, 16), 4, 1.5)
    np.testing.assert_array_equal(render_heatmaps(targets[None], (16, 16), 4, 1.5)[0], whole)
    np.testing.assert_array_equal(render_heatmaps(targets[0], (16, 16), 4, 1.5), whole[0])
    half = render_heatmaps(tf.cast(targets, tf.float16), (16, 16), 4, 1.5)
    assert half.dtype == tf.float32
    np.testing.assert_allclose(half, whole, atol=0.02)


def test_same_in_xla_and_in_a_dataset_of_unknown_shape(targets):
    eager = render_heatmaps(targets, (16, 16), 4, 1.5)
    compiled = tf.function(lambda t: render_heatmaps(t, (16, 16), 4, 1.5), jit_compile=True)(targets)
    np.testing.assert_allclose(compiled, eager, atol=1e-6)
    dataset = tf.data.Dataset.from_generator(
        lambda: iter([targets]), output_signature=tf.TensorSpec([None, None, 3], tf.float32)
    ).map(lambda t: render_heatmaps(t, tf.unstack(tf.constant([16, 16])), 4, 1.5))
    np.testing.assert_allclose(next(iter(dataset)), eager, atol=1e-6)


def test_input_and_heatmap_px_are_inverse():
    points = np.array([[-0.5, 0.0], [1.5, 255.0]], np.float32)
    np.testing.assert_allclose(input_to_heatmap(points, 4), [[-0.5, -0.375], [0.0, 63.375]])
    np.testing.assert_allclose(heatmap_to_input(input_to_heatmap(points, 4), 4), points, atol=1e-5)


def test_errors_say_what_was_received():
    with pytest.raises(ValueError, match="stride: expected a number above 0, received 0"):
        render_heatmaps(np.zeros((1, 1, 3)), (4, 4), 0)
    with pytest.raises(ValueError, match="sigma_px: expected a number above 0, received -1"):
        render_heatmaps(np.zeros((1, 1, 3)), (4, 4), 4, -1)
    with pytest.raises(ValueError, match=r"targets: expected \[..., J, 3\]"):
        render_heatmaps(np.zeros((1, 1, 2)), (4, 4), 4)
