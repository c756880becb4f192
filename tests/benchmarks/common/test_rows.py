"""Rows, their targets and the table."""

import pytest

from benchmarks.common.rows import Row, Spread, format_table, meets_target


@pytest.mark.parametrize(
    ("value", "target", "meets"),
    [(10, ">= 10", True), (9.9, ">= 10", False), (-1, "<= -0.5", True), (0, "== 0", True), (1e-3, "< 1e-3", False)],
)
def test_a_target_is_a_comparison(value, target, meets):
    assert meets_target(value, target) is meets


def test_a_target_applies_to_the_value_or_to_an_end_of_its_spread():
    row = {"what": "a", "value": 0.4, "unit": "m", "low": -0.1, "high": 0.9}
    assert Row(**row, target="> 0").holds is True
    assert Row(**row, target="low > 0").holds is False
    assert Row(**row, target="high < 1").holds is True
    assert Row(**row).holds is None


def test_a_target_for_a_missing_end_does_not_hold():
    assert Row("a", 1.0, "m", target="low > 0").holds is False


@pytest.mark.parametrize("target", ["about 5", "low", "median > 0", "> x"])
def test_a_target_that_is_no_comparison_is_refused(target):
    with pytest.raises(ValueError, match="expected a comparison and a number"):
        Row("a", 1.0, "m", 0.0, 2.0, target)


def test_a_spread_is_the_median_with_percentiles_and_is_scaled():
    spread = Spread.from_samples(range(1001))
    assert (spread.low, spread.median, spread.high) == (25, 500, 975)
    row = spread.to_row("a", "ms", 1e3, "<= 5e5")
    assert (row.value, row.low, row.high, row.holds) == (5e5, 25e3, 975e3, True)


def test_the_table_is_aligned_and_marks_missed_targets():
    header, first, second = format_table([Row("a", 1, "m"), Row("long", 12.34567, "m", 1, 2, "< 5")]).splitlines()
    assert header.split() == ["what", "value", "unit", "low", "high", "target", "holds"]
    assert first.split() == ["a", "1", "m"]
    assert second.split() == ["long", "12.35", "m", "1", "2", "<", "5", "NO"]
    assert first.index(" m") == second.index(" m")
