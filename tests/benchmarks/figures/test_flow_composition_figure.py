"""The figure of composed and direct flow."""

import numpy as np
import pytest

from benchmarks.common.rows import Row
from benchmarks.figures import flow_composition_figure


def make_rows(name, gaps=(1, 2, 3)):
    return [
        Row(f"{name}, {way}, {gap} frames, {measure} error", gap, "px", gap - 0.5, gap + 0.5)
        for way in ("direct", "composed")
        for gap in gaps
        for measure in ("body mean", "wrist mean")
    ]


def count_pixels(picture, color):
    return int((np.abs(picture.astype(int) - color).max(-1) < 8).sum())


def test_each_estimator_has_its_colour():
    blue = (0x00, 0x72, 0xB2)
    orange = (0xD5, 0x5E, 0x00)
    one = flow_composition_figure.draw(make_rows("dis_fast"), ["dis_fast"])
    both = flow_composition_figure.draw(make_rows("dis_fast") + make_rows("variational"), ["dis_fast", "variational"])
    assert one.shape == both.shape
    assert count_pixels(one, blue) > 50
    assert count_pixels(one, orange) == 0
    assert count_pixels(both, orange) > 50


def test_rows_of_other_estimators_are_refused():
    with pytest.raises(ValueError, match="expected rows of dis_fast, received none"):
        flow_composition_figure.draw([], ["dis_fast"])
