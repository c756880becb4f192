"""Rows of the benchmark of streaming."""

import numpy as np
import pytest

from benchmarks import streaming
from benchmarks.common.timing import Timings


def make_timings(single, five, fifteen):
    return Timings({streaming.SINGLE: np.array(single), "n=5": np.array(five), "n=15": np.array(fifteen)})


def test_what_a_window_adds_is_compared_without_the_net():
    turns = np.arange(15) % 3 / 10e3
    five, fifteen, ratio = streaming.extra_rows("lite", make_timings(10e-3 + turns, 14e-3 + turns, 15e-3 + turns))
    assert (five.value, fifteen.value, five.unit) == (pytest.approx(4), pytest.approx(5), "ms a frame")
    assert (ratio.value, ratio.holds) == (pytest.approx(1.25), True)
    assert (ratio.low, ratio.high) == (pytest.approx(1.25), pytest.approx(1.25))
    assert not streaming.extra_rows("lite", make_timings([10.0] * 9, [14.0] * 9, [16.0] * 9))[-1].holds


@pytest.mark.parametrize("five", [[440.0, 490.0] * 5, [450.0, 480.0] * 5])
def test_there_is_no_ratio_to_what_is_lost_in_noise(five):
    rows = streaming.extra_rows("paper", make_timings([450.0, 480.0] * 5, five, [452.0, 480.0] * 5))
    assert [row.what for row in rows] == ["paper, what n=5 adds", "paper, what n=15 adds"]
    assert np.isfinite([row.value for row in rows]).all()


def test_ratios_are_pair_by_pair_and_have_the_target():
    rows = streaming.window_rows("lite", make_timings([1.0, 2.0, 4.0], [1.5, 3.0, 6.0], [2.0, 4.0, 8.0]), "<= 1.5")
    ratios = {row.what: (row.value, row.holds) for row in rows if "/ single frames" in row.what}
    assert ratios == {"lite, n=5 / single frames": (1.5, True), "lite, n=15 / single frames": (2.0, None)}
