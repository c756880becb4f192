"""The one rule of verdicts, and the table."""

import pytest

from benchmarks.claim_checks import findings
from benchmarks.claim_checks.findings import ABOVE, BELOW, HELD, NOT_HELD, OTHER, UNDECIDED, Finding


@pytest.mark.parametrize(
    ("low", "high", "side", "limit", "verdict"),
    [
        (0.1, 2, ABOVE, 0, HELD),
        (-2, -0.1, ABOVE, 0, NOT_HELD),
        (-1, 1, ABOVE, 0, UNDECIDED),
        (0, 1, ABOVE, 0, UNDECIDED),
        (-2, -0.1, BELOW, 0, HELD),
        (0.1, 2, BELOW, 0, NOT_HELD),
        (1.2, 1.4, ABOVE, 10, NOT_HELD),
        (9, 11, ABOVE, 10, UNDECIDED),
        (0.1, 2, OTHER, 0, HELD),
        (-2, -0.1, OTHER, 0, HELD),
        (-1, 1, OTHER, 0, UNDECIDED),
        (None, None, ABOVE, 0, UNDECIDED),
    ],
)
def test_the_whole_interval_decides(low, high, side, limit, verdict):
    assert findings.judge(low, high, side, limit) == verdict


def test_an_unknown_side_is_refused():
    with pytest.raises(ValueError, match="side: expected one of >, <, !=, received '>='"):
        findings.judge(0, 1, ">=")


def test_the_row_of_a_benchmark_has_the_same_verdict():
    held = Finding(3, "wrong modes", "lips", -2.0, -3.0, -1.0, side=BELOW)
    assert held.verdict == HELD
    assert (held.to_row().target, held.to_row().verdict) == ("< 0", "holds")
    assert Finding(6, "wrist − elbow", "lips", -2.0, -3.0, -1.0, side=OTHER).to_row().target is None


def test_the_table_names_each_claim_once_and_the_limits():
    found = [
        Finding(5, "sum", "lips", -2.04, -3.0, -1.0, side=BELOW),
        Finding(5, "max", "lips", 1.0, None, None),
        Finding(10, "time", "lite", 1.3, 1.2, 1.4, "times", ABOVE, 10.0),
    ]
    lines = findings.format_table(found, {5: "Pooling helps", 10: "Flow is slow"}).splitlines()
    assert lines[2] == "| 5. Pooling helps | lips | sum | −2.0 points | −3.0 to −1.0 | held |"
    assert lines[3] == "|  | lips | max | 1.0 points | none | not decidable here |"
    assert lines[4] == "| 10. Flow is slow | lite | time (claim: > 10) | 1.30 times | 1.20 to 1.40 | not held |"
