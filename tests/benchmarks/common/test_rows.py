"""Rows, their targets and the table."""

import pytest

from benchmarks.common.rows import HOLDS, MISSED, OPEN, Row, Spread, format_table, meets_target


@pytest.mark.parametrize(
    ("value", "target", "meets"),
    [(10, ">= 10", True), (9.9, ">= 10", False), (-1, "<= -0.5", True), (0, "== 0", True), (1e-3, "< 1e-3", False)],
)
def test_a_target_is_a_comparison(value, target, meets):
    assert meets_target(value, target) is meets


@pytest.mark.parametrize(
    ("target", "verdict", "holds"),
    [
        ("> 0", OPEN, None),
        ("<= 0", OPEN, None),
        ("== 0", OPEN, None),
        ("> -0.1", OPEN, None),
        (">= -0.1", HOLDS, True),
        ("< 1", HOLDS, True),
        ("<= -1", MISSED, False),
        ("== 1", MISSED, False),
        ("> 0.9", MISSED, False),
        (">= 0.9", OPEN, None),
    ],
)
def test_a_target_holds_or_is_missed_only_if_the_whole_spread_says_so(target, verdict, holds):
    row = Row("a", 0.4, "m", -0.1, 0.9, target)
    assert (row.verdict, row.holds) == (verdict, holds)


def test_without_a_spread_the_value_decides_and_without_a_target_nothing_does():
    assert Row("a", 1.0, "m", target="> 0").verdict == HOLDS
    assert Row("a", -1.0, "m", target="> 0").verdict == MISSED
    assert Row("a", 0.0, "m", 0.0, 0.0, "== 0").verdict == HOLDS
    assert Row("a", 1.0, "m", low=0.5, target="> 0").verdict == HOLDS
    assert (Row("a", 1.0, "m").verdict, Row("a", 1.0, "m").holds) == (None, None)


@pytest.mark.parametrize("target", ["about 5", "low", "low > 0", "median > 0", "> x"])
def test_a_target_that_is_no_comparison_is_refused(target):
    with pytest.raises(ValueError, match="expected a comparison and a number"):
        Row("a", 1.0, "m", 0.0, 2.0, target)


def test_a_spread_is_the_median_with_percentiles_and_is_scaled():
    spread = Spread.from_samples(range(1001))
    assert (spread.low, spread.median, spread.high) == (25, 500, 975)
    row = spread.to_row("a", "ms", 1e3, "<= 5e5")
    assert (row.value, row.low, row.high, row.verdict) == (5e5, 25e3, 975e3, OPEN)


def test_the_table_is_aligned_and_has_the_verdict_on_each_target():
    header, first, second = format_table([Row("a", 1, "m"), Row("long", 12.34567, "m", 6, 20, "< 5")]).splitlines()
    assert header.split() == ["what", "value", "unit", "low", "high", "target", "verdict"]
    assert first.split() == ["a", "1", "m"]
    assert second.split() == ["long", "12.35", "m", "6", "20", "<", "5", "missed"]
    assert first.index(" m") == second.index(" m")
