"""Points that move along flow."""

import numpy as np
import pytest
from scipy import ndimage

from keras_pose.labelling import moved_points


def test_samples_equal_those_of_scipy():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(7, 9, 2)).astype(np.float32)
    points = rng.uniform(0, [8, 6], (20, 2))
    expected = [ndimage.map_coordinates(values[..., c], points.T[::-1], order=1) for c in range(2)]
    np.testing.assert_allclose(moved_points.sample(values, points), np.stack(expected, -1), atol=1e-5)
    np.testing.assert_allclose(moved_points.sample(values[..., 0], points), expected[0], atol=1e-5)


def test_points_outside_take_the_border_and_nan_stays():
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    points = np.array([[-5.0, -5.0], [9.0, 9.0], [np.nan, 1.0]])
    np.testing.assert_array_equal(moved_points.sample(values, points), [0, 5, np.nan])


def test_a_map_of_one_pixel_can_be_sampled():
    assert moved_points.sample(np.full((1, 1), 3, np.float32), np.array([0.4, 0.2])) == 3


@pytest.mark.parametrize("grid_hw", [(40, 60), (20, 30), (10, 60)])
def test_flow_on_a_smaller_grid_moves_by_frame_px(grid_hw):
    flow = np.zeros((*grid_hw, 2), np.float32)
    flow[..., 0] = 6 * grid_hw[1] / 60
    flow[..., 1] = -4 * grid_hw[0] / 40
    moved = moved_points.move_points(np.array([[10.0, 20.0], [np.nan, 1.0]]), flow, (40, 60))
    np.testing.assert_allclose(moved, [[16, 16], [np.nan, np.nan]], atol=1e-4)


def test_the_grid_covers_the_frame():
    """The corners of the pixels, not their centres, lie on each other."""
    np.testing.assert_allclose(moved_points.to_grid(np.array([-0.5, 39.5]), (20, 30), (40, 60)), [-0.5, 19.5])
