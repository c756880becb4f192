import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data.synthetic.signer_clip import SignerClip
from keras_pose.flow import composition, composition_numpy
from keras_pose.heatmaps import render
from tests.helpers.motion import compose_by_loops, sample_by_loops, smooth_flow

ROOT = pathlib.Path(__file__).resolve().parents[3]


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
def test_composition_equals_loops(run):
    first = smooth_flow(0)
    second = smooth_flow(1)
    np.testing.assert_allclose(run(first, second), compose_by_loops(first, second), atol=1 / 16)


def test_graph_is_exact():
    first = smooth_flow(0)
    second = smooth_flow(1)
    np.testing.assert_allclose(composition.compose(first, second), compose_by_loops(first, second), atol=1e-4)


@BOTH
def test_order_matters_as_documented(run):
    first = np.tile(np.float32((2, 0)), (8, 8, 1))
    second = np.zeros((8, 8, 2), np.float32)
    second[:, 5, 1] = 1  # only column 5 of the frame between moves on
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
    first = smooth_flow(2)
    second = smooth_flow(3)
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


def test_flows_of_different_shapes_are_refused():
    flow = np.zeros((4, 5, 2), np.float32)
    for run in (composition.compose, composition_numpy.compose):
        with pytest.raises(ValueError, match=r"of one shape, received \(4, 5, 2\) and \(4, 4, 2\)"):
            run(flow, flow[:, :4])
        with pytest.raises(ValueError, match=r"first, second: expected two flows \[(\.\.\., )?h, w, 2\]"):
            run(flow[..., :1], flow[..., :1])


@pytest.mark.parametrize("stride", [1, 2, 3, 4, 8])
def test_linear_flow_is_reduced_to_its_value_at_the_heatmap_pixel(stride):
    height = 24
    width = 48
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
def test_invalid_flow_and_stride_are_refused(shape, stride, message):
    with pytest.raises(ValueError, match=message):
        composition.reduce_flow(np.zeros(shape, np.float32), stride)


def test_graphs_need_no_opencv():
    # With None in its place, importing cv2 fails.
    code = "import sys; sys.modules['cv2'] = None; from keras_pose.flow import composition, reliability"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("channels", [0, 3])
def test_carrying_equals_loops(channels):
    """The maps of the neighbour and its flow onwards are read at the same places."""
    flow = smooth_flow(6)
    entry = np.random.default_rng(0).uniform(0, 1, (40, 48, channels + 2)).astype(np.float32)
    maps, onward = composition.carry(tf.constant(entry), tf.constant(flow))
    expected = sample_by_loops(entry, flow)
    assert maps.dtype == onward.dtype == tf.float32
    np.testing.assert_allclose(maps, expected[..., :channels], atol=1e-4)
    np.testing.assert_allclose(onward, flow + expected[..., channels:], atol=1e-4)


def test_carried_flow_brings_the_second_neighbour_onto_the_frame():
    """Carrying twice equals warping once by the composed flow."""
    maps = np.random.default_rng(1).uniform(0, 1, (2, 40, 48, 3)).astype(np.float32)
    first = smooth_flow(7)
    second = smooth_flow(8)
    _, onward = composition.carry(np.concatenate([maps[0], second], -1), first)
    carried, _ = composition.carry(np.concatenate([maps[1], np.zeros_like(second)], -1), onward)
    np.testing.assert_allclose(carried, sample_by_loops(maps[1], compose_by_loops(first, second)), atol=1e-3)
