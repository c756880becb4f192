import pathlib
import subprocess
import sys

import cv2
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data.synthetic.signer_clip import SignerClip
from keras_pose.flow import composition, composition_numpy
from keras_pose.heatmaps import render

ROOT = pathlib.Path(__file__).resolve().parents[3]


def smooth_flow(seed, amplitude_px=6.0, size_hw=(40, 48)):
    noise = np.random.default_rng(seed).standard_normal((*size_hw, 2)).astype(np.float32)
    flow = cv2.GaussianBlur(noise, (0, 0), 5)
    return flow / np.abs(flow).max() * np.float32(amplitude_px)


def compose_by_loops(first, second):
    """result(p) = first(p) + second(p + first(p)), bilinear, borders clamped."""
    height, width, _ = first.shape
    result = np.empty_like(first)
    for y in range(height):
        for x in range(width):
            at_x = np.clip(x + first[y, x, 0], 0, width - 1)
            at_y = np.clip(y + first[y, x, 1], 0, height - 1)
            left, top = min(int(at_x), width - 2), min(int(at_y), height - 2)
            a, b = at_x - left, at_y - top
            upper = second[top, left] * (1 - a) + second[top, left + 1] * a
            lower = second[top + 1, left] * (1 - a) + second[top + 1, left + 1] * a
            result[y, x] = first[y, x] + upper * (1 - b) + lower * b
    return result


BOTH = pytest.mark.parametrize(
    "run", [lambda a, b: composition.compose(tf.constant(a), tf.constant(b)).numpy(), composition_numpy.compose],
    ids=["graph", "arrays"],
)  # fmt: skip


@BOTH
def test_translations_add_up(run):
    first, second = (np.tile(np.float32(shift), (9, 11, 1)) for shift in ((1.5, -2), (3, 4.25)))
    composed = run(first, second)
    assert composed.dtype == np.float32
    np.testing.assert_allclose(composed, np.tile(np.float32((4.5, 2.25)), (9, 11, 1)), atol=1e-6)


@BOTH
def test_composition_is_that_of_loops(run):
    first, second = smooth_flow(0), smooth_flow(1)
    np.testing.assert_allclose(run(first, second), compose_by_loops(first, second), atol=1 / 16)


def test_graph_is_exact():
    first, second = smooth_flow(0), smooth_flow(1)
    np.testing.assert_allclose(composition.compose(first, second), compose_by_loops(first, second), atol=1e-4)


@BOTH
def test_order_matters_as_documented(run):
    first = np.tile(np.float32((2, 0)), (8, 8, 1))
    second = np.zeros((8, 8, 2), np.float32)
    second[:, 5, 1] = 1  # only what is at column 5 of the frame between moves on
    composed = run(first, second)
    np.testing.assert_allclose(composed[:, 3], np.tile(np.float32((2, 1)), (8, 1)), atol=1e-6)
    np.testing.assert_allclose(composed[:, 5], np.tile(np.float32((2, 0)), (8, 1)), atol=1e-6)


@BOTH
def test_composed_true_flow_of_a_signer_is_the_true_flow_over_two_frames(run):
    clip = SignerClip("test", 0, num_frames=5)
    errors = []
    for target in range(2, 5):
        composed = run(clip.flow(target, target - 1), clip.flow(target - 1, target - 2))
        seen = clip.visible_in(target, target - 1) & clip.visible_in(target, target - 2) & clip.body_mask(target)
        errors.append(np.linalg.norm(composed - clip.flow(target, target - 2), axis=-1)[seen])
    errors = np.concatenate(errors)
    assert len(errors) > 1000
    assert np.median(errors) < 0.02
    assert np.mean(errors < 0.25) > 0.9  # the others lie on edges, where bilinear sampling mixes two motions


def test_graph_takes_any_leading_axes_and_unknown_sizes():
    first, second = smooth_flow(2), smooth_flow(3)
    spec = tf.TensorSpec([None, None, None, None, 2], tf.float32)
    function = tf.function(composition.compose, input_signature=[spec, spec], jit_compile=False)
    stacked = function(tf.constant([[first, second]]), tf.constant([[second, first]]))
    np.testing.assert_allclose(stacked[0, 0], composition.compose(first, second), atol=1e-5)
    np.testing.assert_allclose(stacked[0, 1], composition.compose(second, first), atol=1e-5)


def test_gradient_reaches_both_flows_and_is_right():
    first, second = (tf.Variable(smooth_flow(seed, size_hw=(12, 14))) for seed in (4, 5))
    weights = tf.constant(np.random.default_rng(0).standard_normal((12, 14, 2)).astype(np.float32))

    def loss():
        return tf.reduce_sum(composition.compose(first, second) * weights)

    with tf.GradientTape() as tape:
        value = loss()
    gradients = tape.gradient(value, [first, second])
    step = 1e-2
    for variable, gradient in zip((first, second), gradients):
        start = variable.numpy()
        for place in ((6, 7, 0), (5, 6, 1)):
            ends = []
            for sign in (1, -1):
                moved = start.copy()
                moved[place] += sign * step
                variable.assign(moved)
                ends.append(float(loss()))
            variable.assign(start)
            np.testing.assert_allclose((ends[0] - ends[1]) / (2 * step), gradient.numpy()[place], rtol=0.05, atol=0.02)


def test_flows_that_do_not_fit_are_refused():
    flow = np.zeros((4, 5, 2), np.float32)
    for run in (composition.compose, composition_numpy.compose):
        with pytest.raises(ValueError, match=r"of one shape, received \(4, 5, 2\) and \(4, 4, 2\)"):
            run(flow, flow[:, :4])
        with pytest.raises(ValueError, match=r"first, second: expected two flows \[(\.\.\., )?h, w, 2\]"):
            run(flow[..., :1], flow[..., :1])
    with pytest.raises(ValueError, match=r"expected float32 \[h, w, 2\], received shape \(1, 4, 5, 2\)"):
        composition_numpy.compose(flow[None], flow[None])


def test_composing_arrays_of_another_float_gives_float32():
    flow = smooth_flow(0)
    composed = composition_numpy.compose(flow.astype(np.float64), flow.astype(np.float64))
    assert composed.dtype == np.float32
    np.testing.assert_array_equal(composed, composition_numpy.compose(flow, flow))


@pytest.mark.parametrize("stride", [1, 2, 3, 4, 8])
def test_linear_flow_is_reduced_to_its_value_at_the_heatmap_pixel(stride):
    height, width = 24, 48
    y, x = np.mgrid[:height, :width].astype(np.float32)
    flow = np.stack([0.5 * x - 0.25 * y + 3, 0.125 * x + y], -1)
    rows, columns = (render.heatmap_to_input(np.arange(n // stride), stride) for n in (height, width))
    at_x, at_y = np.meshgrid(columns, rows)
    expected = np.stack([0.5 * at_x - 0.25 * at_y + 3, 0.125 * at_x + at_y], -1) / stride
    reduced = composition.reduce_flow(flow, stride).numpy()
    assert reduced.dtype == np.float32
    np.testing.assert_allclose(reduced, expected, atol=1e-5)
    np.testing.assert_allclose(composition_numpy.resize_flow(flow, reduced.shape[:2]), expected, atol=1e-4)


def test_leading_axes_are_reduced_alike():
    flow = np.stack([smooth_flow(seed) for seed in range(3)])
    np.testing.assert_allclose(composition.reduce_flow(flow, 4)[1], composition.reduce_flow(flow[1], 4), atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "stride", "message"),
    [
        ((10, 12, 2), 4, r"divisible by stride 4, received \(10, 12, 2\)"),
        ((8, 8, 3), 4, r"expected \[..., H, W, 2\], received shape \(8, 8, 3\)"),
        ((8, 8, 2), 0, "stride: expected an integer of at least 1, received 0"),
        ((8, 8, 2), 2.0, "stride: expected an integer of at least 1, received 2.0"),
    ],
)
def test_what_cannot_be_reduced_is_refused(shape, stride, message):
    with pytest.raises(ValueError, match=message):
        composition.reduce_flow(np.zeros(shape, np.float32), stride)


def test_graphs_need_no_opencv():
    # With None in its place, importing cv2 fails.
    code = "import sys; sys.modules['cv2'] = None; from keras_pose.flow import composition, reliability"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
