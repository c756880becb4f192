"""The figure of the ablation of poolings."""

import numpy as np
import pytest

from benchmarks.figures import pooling_ablation_figure


def test_the_figure_has_a_panel_for_each_flow_and_a_colour_for_each_pooling():
    def pixels(picture, color):
        return int((np.abs(picture.astype(int) - color).max(-1) < 8).sum())

    single = (0.85, [0.8, 0.9])
    blue = (0x00, 0x72, 0xB2)
    pink = (0xCC, 0x79, 0xA7)
    points = {("dis_medium", "parametric", n): (0.9, [0.88, 0.93]) for n in (1, 5)}
    alone = pooling_ablation_figure.draw(points, single)
    assert alone.shape == (672, 864, 3)
    assert pixels(alone, blue) > 50
    assert pixels(alone, pink) == 0
    more = {**points, ("none", "max", 1): (0.5, [0.4, 0.6]), ("none", "max", 5): (0.2, [0.1, 0.3])}
    both = pooling_ablation_figure.draw(more, single)
    assert both.shape == (672, 1368, 3)
    assert pixels(both, pink) > 50
    assert pooling_ablation_figure.choose_main_flow(["none", "joints", "true"]) == "true"
    with pytest.raises(ValueError, match="at least one pooling"):
        pooling_ablation_figure.draw({}, single)
