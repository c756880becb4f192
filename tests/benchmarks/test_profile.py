"""Each part of a profile runs, and shares are of the whole."""

import types

import numpy as np
import pytest

from benchmarks import profile
from benchmarks.profiling import predicting, served, training

TINY = {
    "training": lambda: training.make_parts(4, 32, width=0.25),
    "streaming": lambda: predicting.make_streaming_parts(64),
    "predicting": lambda: predicting.make_predicting_parts(32, 2),
    "served": lambda: served.make_parts(32, 48),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(profile.PARTS))
def test_parts_are_timed_and_shares_are_of_the_whole(name, monkeypatch):
    monkeypatch.setitem(profile.PARTS, name, TINY[name])
    rows = profile.part_rows(name, 1)
    whole = rows[0].value
    assert whole > 0
    for part, share in zip(rows[1::2], rows[2::2]):
        assert share.what == f"{part.what}, share"
        assert share.value == pytest.approx(part.value / whole)


def test_the_rate_is_relative_to_matrix_products(monkeypatch):
    def time_in_turn(functions, repeats):
        for function in functions.values():
            function()
        times = {"net": [0.002, 0.004, 0.008], "matrix": [0.05, 0.05, 0.05]}
        return types.SimpleNamespace(samples={name: np.array(times[name]) for name in functions})

    monkeypatch.setattr(profile, "time_in_turn", time_in_turn)
    rows = profile.rate_rows(3, ["lite"], side_px=64)
    assert [row.unit for row in rows] == ["GFLOP/s", "of the matrix products"]
    assert rows[0].value == pytest.approx(2e-9 * profile._SIDE**3 / 0.05)
    _, products = predicting.make_net("lite", 64)
    assert rows[1].value == pytest.approx(2e-9 * products / 0.004 / rows[0].value)
    assert rows[1].low < rows[1].value < rows[1].high
