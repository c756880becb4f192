"""Each part of a profile runs, and shares are of the whole."""

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


def test_the_rate_is_relative_to_matrix_products():
    rows = profile.rate_rows(2, ["lite"], side_px=64)
    assert [row.unit for row in rows] == ["GFLOP/s", "of the matrix products"]
    assert 0 < rows[1].value < 2
