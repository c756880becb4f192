"""The figure of the claims."""

import numpy as np
import pytest

from benchmarks.claim_checks.findings import BELOW, Finding
from benchmarks.figures import claims_figure

STATEMENTS = {3: "Fusion layers correct wrong modes", 10: "Flow makes a frame ten times slower"}


def colored(picture, color):
    """How many pixels have a colour, and their mean x."""
    wanted = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
    _, x = np.nonzero((picture == wanted).all(-1))
    return len(x), x.mean() if len(x) else None


def test_what_speaks_for_a_claim_lies_on_the_right():
    held = Finding(3, "wrong modes", "lips", -5.0, -8.0, -2.0, side=BELOW)
    lost = Finding(3, "wrong modes", "JHMDB", 5.0, 2.0, 8.0, side=BELOW)
    picture = claims_figure.draw([held, lost], STATEMENTS)[90:]  # below the legend
    _, right = colored(picture, claims_figure.COLORS[held.verdict])
    _, left = colored(picture, claims_figure.COLORS[lost.verdict])
    assert picture.dtype == np.uint8
    assert left < right


def test_parts_are_left_out_and_other_units_are_written():
    main = Finding(10, "time", "lite", 1.3, 1.2, 1.4, "times", limit=10.0)
    part = Finding(3, "swaps", "lips", 1.0, 0.5, 2.0).as_part()
    assert claims_figure.draw([main, part], STATEMENTS).shape == claims_figure.draw([main], STATEMENTS).shape
    with pytest.raises(ValueError, match="expected at least one finding"):
        claims_figure.draw([part], STATEMENTS)


def test_what_lies_beyond_the_axis_is_written():
    far = Finding(3, "wrong modes", "lips", -90.0, -95.0, -85.0, side=BELOW)
    picture = claims_figure.draw([far], STATEMENTS)[90:]
    count, place = colored(picture, claims_figure.COLORS[far.verdict])
    assert count > 0
    assert 0.7 * picture.shape[1] < place  # a text at the right end, no marker in the middle
