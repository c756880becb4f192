"""Heatmaps over frames, and the modes in them."""

import numpy as np
import pytest

from keras_pose.skeleton import Skeleton
from keras_pose.viz.heatmaps import draw_modes, overlay_heatmaps

PAIR = Skeleton("pair", ("a", "b"), colors=((255, 0, 0), (0, 0, 255)))
FRAME = np.full((64, 64, 3), 100, np.uint8)


def _maps():
    maps = np.zeros((16, 16, 2), np.float32)
    maps[4, 12, 0] = 1.0  # centre at input px (49.5, 17.5)
    maps[12, 3, 1] = 0.5
    return maps


def test_each_map_tints_its_place_in_its_colour():
    picture = overlay_heatmaps(FRAME, _maps(), PAIR, side_px=64)
    row, column = np.unravel_index((picture[..., 0].astype(int) - picture[..., 2]).argmax(), (64, 64))
    assert (abs(row - 17.5), abs(column - 49.5)) <= (1, 1)
    assert picture[50, 14, 2] > picture[50, 14, 0] + 30
    assert np.ptp(picture[:10, :10]) == 0


def test_values_above_one_and_empty_maps_keep_within_the_colours():
    loud = overlay_heatmaps(FRAME, 5 * _maps(), PAIR, side_px=64)
    np.testing.assert_array_equal(loud[17, 49], overlay_heatmaps(FRAME, 50 * _maps(), PAIR, side_px=64)[17, 49])
    assert np.ptp(overlay_heatmaps(FRAME, 0 * _maps(), PAIR)) == 0


def test_strong_maps_cover_weak_ones():
    maps = np.zeros((16, 16, 2), np.float32)
    maps[8, 8] = (1.0, 0.4)
    for order in ((0, 1), (1, 0)):
        pair = Skeleton("pair", ("a", "b"), colors=tuple(PAIR.colors[j] for j in order))
        picture = overlay_heatmaps(FRAME, maps[..., list(order)], pair, side_px=64)
        assert picture[34, 34, 0] > picture[34, 34, 2] + 100


def test_single_joint_has_a_map_too():
    assert overlay_heatmaps(FRAME, _maps()[..., :1], Skeleton("one", ("a",)), side_px=32).shape == (32, 32, 3)


def test_other_number_of_maps_is_refused():
    with pytest.raises(ValueError, match=r"expected heatmaps \[h, w, 2\] of skeleton 'pair', received \[16, 16, 3\]"):
        overlay_heatmaps(FRAME, np.zeros((16, 16, 3)), PAIR)


def test_highest_mode_is_a_disc_and_one_that_competes_a_ring_with_a_line_to_it():
    grey = np.full((660, 660, 3), 128, np.uint8)
    points = np.array([[(150, 300), (450, 300)], [(300, 600), (0, 0)]], np.float64)
    drawn = draw_modes(grey, points, [[0.9, 0.4], [0.7, 0]], PAIR)
    red, blue = PAIR.colors
    np.testing.assert_array_equal(drawn[300, 150], red)
    np.testing.assert_allclose(drawn[300, 300].astype(int), red, atol=20)  # the line's smooth edge
    np.testing.assert_array_equal(drawn[300, 450 + 13], red)
    np.testing.assert_array_equal(drawn[306, 450], (128, 128, 128))
    np.testing.assert_array_equal(drawn[600, 300], blue)
    assert (drawn[:50, :50] == 128).all()
    assert (grey == 128).all()


def test_modes_far_below_the_highest_and_empty_maps_are_not_drawn():
    grey = np.full((220, 220, 3), 128, np.uint8)
    points = np.array([[(50, 100), (150, 100)], [(0, 0), (0, 0)]], np.float64)
    drawn = draw_modes(grey, points, [[0.9, 0.2], [0, 0]], PAIR)
    assert (drawn[:, 70:] == 128).all()
    np.testing.assert_array_equal(drawn[100, 50], PAIR.colors[0])
    assert (drawn[:20, :20] == 128).all()
