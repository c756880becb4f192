"""The figure of heatmap and coordinate nets."""

import numpy as np
import pytest

from benchmarks.figures import regimes_figure
from benchmarks.regimes import COORDINATE, HEATMAP


def test_the_figure_shows_each_regime_in_its_colour():
    points = {
        (HEATMAP, 50): (0.6, [0.5, 0.7]),
        (HEATMAP, 200): (0.8, [0.75, 0.85]),
        (COORDINATE, 50): (0.1, [0.05, 0.2]),
    }

    def pixels(picture, color):
        return int((np.abs(picture.astype(int) - color).max(-1) < 8).sum())

    without = {(HEATMAP, 50): points[HEATMAP, 50]}
    blue = (0x00, 0x72, 0xB2)
    orange = (0xD5, 0x5E, 0x00)
    picture = regimes_figure.draw(points, "on 2 cores, $5")
    assert picture.dtype == np.uint8
    assert picture.shape == (552, 864, 3)
    assert pixels(picture, orange) > 50
    assert pixels(regimes_figure.draw(without), orange) == 0
    assert pixels(picture, blue) > pixels(regimes_figure.draw(without), blue)  # the line to the second point


def test_a_figure_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one training"):
        regimes_figure.draw({})
