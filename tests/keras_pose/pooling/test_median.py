"""The median of three positions: which it takes, at the ends of clips, and maps that are moved.

`test_temporal_pooling` compares it with loops, and its gradients with differences.
"""

import numpy as np
import pytest

from keras_pose.heatmaps import decode_subpixel
from keras_pose.pooling.median import move_maps
from keras_pose.pooling.temporal_pooling import TemporalPooling
from tests.helpers import pooling_oracles
from tests.helpers.pooling_layers import make_blobs, make_wrong_modes, share_within


def draw(points):
    """Maps float32 [1, T, 20, 24, 1] of peaks at points [T, 2]."""
    return make_blobs(np.asarray(points, float)[None], (20, 24), 1.5)[..., None].astype(np.float32)


@pytest.mark.parametrize(
    ("before", "own", "after", "expected"),
    [
        ((5, 5), (17, 4), (6, 6.5), (6, 5)),
        ((5.3, 12), (7.4, 9.6), (9.1, 6), (7.4, 9.6)),
        ((15, 2), (3, 15), (15, 2), (15, 2)),
    ],
)
def test_x_and_y_take_the_middle_of_three(before, own, after, expected):
    far = (1.0, 18.0)  # frames further out do not count
    maps = draw([far, before, own, after, far])
    pooled = TemporalPooling("median")([maps, np.ones((1, 5))])
    found, heights = decode_subpixel(pooled)
    np.testing.assert_allclose(found[0, 0], expected, atol=0.05)
    assert 0.85 < float(heights[0, 0]) <= 1


@pytest.mark.parametrize("valid", [[0, 0, 1, 1, 1], [1, 0, 1, 1, 1], [1, 1, 1, 0, 1], [0, 0, 1, 0, 0]])
def test_of_two_positions_the_current_one_counts(valid):
    maps = draw([(9, 9), (4, 4), (12, 3), (7, 7), (9, 9)])
    np.testing.assert_allclose(TemporalPooling("median")([maps, np.array([valid])]), maps[:, 2], rtol=0, atol=1e-30)


def test_a_window_of_one_frame_is_this_frame():
    maps = draw([(9, 9)])
    np.testing.assert_array_equal(TemporalPooling("median")([maps, np.ones((1, 1))]), maps[:, 0])


def test_single_errors_are_corrected():
    maps, truth = make_wrong_modes(4, num_frames=3, share=0.2)
    pooled = TemporalPooling("median")([maps, np.ones((len(maps), 3))])
    single = share_within(maps[:, 1], truth)
    assert single < 0.9
    assert share_within(pooled, truth) > single + 0.05


@pytest.mark.parametrize("shift", [(0, 0), (2, -3), (0.3, 0.8), (-1.6, 2.25), (9, 0), (-40, 1)])
def test_moving_agrees_with_loops(shift):
    maps = np.random.default_rng(0).normal(size=(2, 6, 7, 3)).astype(np.float32)
    shifts = np.zeros((2, 3, 2), np.float32)
    shifts[1, 2] = shift
    moved = move_maps(maps, shifts).numpy()
    np.testing.assert_array_equal(moved[0], maps[0])
    np.testing.assert_array_equal(moved[1, ..., :2], maps[1, ..., :2])
    np.testing.assert_allclose(moved[1, ..., 2], pooling_oracles.move(maps[1, ..., 2], shift), atol=1e-5)
