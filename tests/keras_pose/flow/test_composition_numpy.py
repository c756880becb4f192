"""Composition in NumPy: by loops, and as the composition in TensorFlow within the rounding of OpenCV."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

from keras_pose.flow import composition, composition_numpy
from tests.helpers.motion import compose_by_loops, smooth_flow

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROUNDING_PX = 1 / 64  # half of 1/32 px, to which OpenCV rounds positions


def rounding_error(values):
    """How far rounded positions move values [h, w, C] at most, in each channel."""
    return sum(ROUNDING_PX * np.abs(np.diff(values, axis=axis)).max(axis=(0, 1)) for axis in (0, 1)) + 1e-5


def draw_entry(channels, seed=0):
    """float32 [40, 48, channels + 2]: maps, then flow onwards."""
    maps = np.random.default_rng(seed).uniform(0, 1, (40, 48, channels)).astype(np.float32)
    return np.concatenate([maps, smooth_flow(seed + 10)], axis=-1)


@pytest.mark.parametrize("channels", [0, 1, 7])
def test_carrying_equals_tensorflow_within_rounding(channels):
    entry = draw_entry(channels)
    flow = smooth_flow(1)
    warped, next_x, next_y = composition_numpy.carry(entry, flow[..., 0], flow[..., 1])
    maps, onward = composition.carry(entry, flow)
    assert warped.dtype == next_x.dtype == next_y.dtype == np.float32
    error = rounding_error(entry)
    assert (np.abs(warped[..., :channels] - maps) <= error[:channels]).all()
    assert (np.abs(np.stack([next_x, next_y], -1) - onward) <= error[channels:]).all()


def test_carrying_at_positions_that_need_no_rounding_equals_tensorflow():
    entry = draw_entry(3)
    flow = np.round(smooth_flow(1) * 32) / np.float32(32)
    warped, next_x, next_y = composition_numpy.carry(entry, flow[..., 0], flow[..., 1])
    maps, onward = composition.carry(entry, flow)
    np.testing.assert_allclose(warped[..., :3], maps, atol=1e-4)
    np.testing.assert_allclose(np.stack([next_x, next_y], -1), onward, atol=1e-4)


def test_carrying_writes_to_the_given_array_and_to_nothing_else():
    entry = draw_entry(3)
    flow = smooth_flow(1)
    expected = composition_numpy.carry(entry, flow[..., 0], flow[..., 1])
    before = entry.copy(), flow.copy()
    out = np.full_like(entry, 9)
    warped, next_x, next_y = composition_numpy.carry(entry, flow[..., 0], flow[..., 1], out)
    assert np.shares_memory(warped, out)
    for found, wanted in zip((warped, next_x, next_y, entry, flow), (*expected, *before)):
        np.testing.assert_array_equal(found, wanted)


def test_composition_equals_loops():
    first = smooth_flow(0)
    second = smooth_flow(1)
    difference = np.abs(composition_numpy.compose(first, second) - compose_by_loops(first, second))
    assert (difference <= rounding_error(second)).all()


def test_composing_arrays_of_another_float_gives_float32():
    flow = smooth_flow(0)
    composed = composition_numpy.compose(flow.astype(np.float64), flow.astype(np.float64))
    assert composed.dtype == np.float32
    np.testing.assert_array_equal(composed, composition_numpy.compose(flow, flow))


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ((1, 4, 5, 2), (1, 4, 5, 2), r"expected float32 \[h, w, 2\], received shape \(1, 4, 5, 2\)"),
        ((4, 5, 2), (4, 4, 2), r"of one shape, received \(4, 5, 2\) and \(4, 4, 2\)"),
        ((4, 5, 3), (4, 5, 3), r"expected two flows \[h, w, 2\] of one shape, received \(4, 5, 3\)"),
    ],
)
def test_other_shapes_are_refused(first, second, message):
    with pytest.raises(ValueError, match=message):
        composition_numpy.compose(np.zeros(first, np.float32), np.zeros(second, np.float32))


def test_resizing_scales_vectors_with_the_grid():
    flow = np.tile(np.float32((3, -2)), (8, 12, 1))
    resized = composition_numpy.resize_flow(flow, (16, 6))
    assert resized.dtype == np.float32
    np.testing.assert_allclose(resized, np.tile(np.float32((1.5, -4)), (16, 6, 1)), atol=1e-6)


def test_resizing_to_the_same_size_returns_the_same_flow():
    flow = smooth_flow(0)
    assert composition_numpy.resize_flow(flow, [40, 48]) is flow


@pytest.mark.parametrize("stride", [2, 4])
def test_shrinking_by_a_whole_factor_equals_tensorflow(stride):
    flow = smooth_flow(2)
    expected = composition.reduce_flow(flow, stride)
    np.testing.assert_allclose(composition_numpy.resize_flow(flow, expected.shape[:2]), expected, atol=1e-4)


def test_the_pixel_grid_is_shared_and_read_only():
    x, y = composition_numpy.pixel_grid(3, 4)
    np.testing.assert_array_equal(x, [[0, 1, 2, 3]] * 3)
    np.testing.assert_array_equal(y, [[0] * 4, [1] * 4, [2] * 4])
    assert composition_numpy.pixel_grid(3, 4)[0] is x
    with pytest.raises(ValueError, match="read-only"):
        x[0, 0] = 1


def test_it_loads_no_tensorflow():
    code = "import sys; from keras_pose.flow import composition_numpy; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
