"""Heatmaps over frames."""

import numpy as np
import pytest

from keras_pose.skeleton import Skeleton
from keras_pose.viz.heatmaps import draw_panels, overlay_all

PAIR = Skeleton("pair", ("a", "b"), colors=((255, 0, 0), (0, 0, 255)))
FRAME = np.full((64, 64, 3), 100, np.uint8)


def _maps():
    maps = np.zeros((16, 16, 2), np.float32)
    maps[4, 12, 0] = 1.0  # centre at input px (49.5, 17.5)
    maps[12, 3, 1] = 0.5
    return maps


def test_each_map_tints_its_place_in_its_colour():
    picture = overlay_all(FRAME, _maps(), PAIR, side_px=64)
    row, column = np.unravel_index((picture[..., 0].astype(int) - picture[..., 2]).argmax(), (64, 64))
    assert (abs(row - 17.5), abs(column - 49.5)) <= (1, 1)
    assert picture[50, 14, 2] > picture[50, 14, 0] + 30
    assert np.ptp(picture[:10, :10]) == 0


def test_peak_none_shows_every_map_at_full_strength():
    fixed = overlay_all(FRAME, _maps(), PAIR, side_px=64)
    own = overlay_all(FRAME, _maps(), PAIR, side_px=64, peak=None)
    assert own[50, 14, 2] > fixed[50, 14, 2] + 30
    assert np.isfinite(overlay_all(FRAME, 0 * _maps(), PAIR, peak=None)).all()


def test_panels_show_a_picture_per_joint():
    panels = draw_panels(FRAME, _maps(), PAIR, side_px=256, title="Heatmaps")
    assert panels.dtype == np.uint8
    assert panels.shape[1] == 16 + 2 * (256 + 16)
    assert draw_panels(FRAME, _maps(), PAIR, side_px=256, columns=1).shape[1] == 16 + 256 + 16
    bright = (panels.astype(int)[..., 0] - panels[..., 2]).max()
    assert bright > 100


def test_single_joint_has_a_map_too():
    assert overlay_all(FRAME, _maps()[..., :1], Skeleton("one", ("a",)), side_px=32).shape == (32, 32, 3)


@pytest.mark.parametrize("draw", [overlay_all, draw_panels])
def test_other_number_of_maps_is_refused(draw):
    with pytest.raises(ValueError, match=r"expected heatmaps \[h, w, 2\] of skeleton 'pair', received \[16, 16, 3\]"):
        draw(FRAME, np.zeros((16, 16, 3)), PAIR)
