"""What is found about a claim, and the one rule that makes a verdict of it.

The rule: if the whole 95 % interval lies on the side of the limit that the claim names, the claim is held; if it lies
on the other side, it is not held; otherwise the question is not decidable here. A claim that two things differ, without
a side, is held if the interval leaves the limit out, and otherwise not decidable.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.claim_checks.contrasts import Contrast
from benchmarks.common.rows import Row

HELD = "held"
NOT_HELD = "not held"
UNDECIDED = "not decidable here"
VERDICTS = (HELD, NOT_HELD, UNDECIDED)
# Sides of the limit that a claim can name.
ABOVE = ">"
BELOW = "<"
OTHER = "!="
POINTS = "points"


@dataclasses.dataclass(frozen=True)
class Finding:
    """A figure that decides about a claim, or about a part of it.

    Args:
      claim: number of the claim.
      what: what the figure is: "heatmap − coordinate net".
      data: what it was measured on.
      value: the figure.
      low, high: its 95 % interval; None if there is none.
      unit: "points" (of a percentage), or another unit.
      side: where the claim says that the figure lies: ABOVE, BELOW or OTHER than the limit.
      limit: the limit.
      units: what was resampled.
      note: the figures behind it.
      main: whether the figure is drawn; False for the parts of another finding.
    """

    claim: int
    what: str
    data: str
    value: float
    low: float | None
    high: float | None
    unit: str = POINTS
    side: str = ABOVE
    limit: float = 0.0
    units: str = ""
    note: str = ""
    main: bool = True

    @property
    def verdict(self) -> str:
        """HELD, NOT_HELD or UNDECIDED."""
        return judge(self.low, self.high, self.side, self.limit)

    def as_part(self) -> Finding:
        """Returns the finding as a part of another one."""
        return dataclasses.replace(self, main=False)

    def with_note(self, note: str) -> Finding:
        """Returns the finding with a further note."""
        return dataclasses.replace(self, note=f"{self.note}; {note}" if self.note else note)

    def to_row(self) -> Row:
        """Returns the finding as a row of a benchmark; a figure without a side has no target."""
        target = None if self.side == OTHER else f"{self.side} {self.limit:g}"
        what = f"claim {self.claim}, {self.data}: {self.what}"
        return Row(what, self.value, self.unit, self.low, self.high, target)

    def to_dict(self) -> dict[str, Any]:
        """Returns the finding for JSON."""
        return {**dataclasses.asdict(self), "verdict": self.verdict}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Finding:
        """Returns the finding that `to_dict` described."""
        return cls(**{name: value for name, value in values.items() if name != "verdict"})


def judge(low: float | None, high: float | None, side: str, limit: float = 0.0) -> str:
    """Returns the verdict of an interval, by the rule above.

    Args:
      low, high: the interval; None: there is none.
      side: ABOVE, BELOW or OTHER.
      limit: what it is compared with.

    Raises:
      ValueError: for another side.
    """
    if side not in (ABOVE, BELOW, OTHER):
        raise ValueError(f"side: expected one of {ABOVE}, {BELOW}, {OTHER}, received {side!r}")
    if low is None or high is None or low <= limit <= high:
        return UNDECIDED
    if side == OTHER:
        return HELD
    return HELD if (low > limit) == (side == ABOVE) else NOT_HELD


def in_points(claim: int, what: str, data: str, found: Contrast, side: str = ABOVE, note: str = "") -> Finding:
    """Returns a finding of a difference of shares, in points."""
    low = None if found.low is None else 100 * found.low
    high = None if found.high is None else 100 * found.high
    return Finding(claim, what, data, 100 * found.value, low, high, side=side, units=found.units, note=note)


def format_number(value: float, unit: str) -> str:
    """Returns a figure for a table: a point has one digit behind the comma, others have two."""
    return f"{value:.1f}" if unit == POINTS else f"{value:.2f}"


def format_table(findings: Sequence[Finding], statements: dict[int, str]) -> str:
    """Returns the findings as a table of Markdown, by claim."""
    lines = ["| claim | data | what | found | 95 % interval | verdict |", "|---|---|---|---|---|---|"]
    last = 0
    for finding in findings:
        title = f"{finding.claim}. {statements[finding.claim]}" if finding.claim != last else ""
        last = finding.claim
        ends = "none"
        if finding.low is not None and finding.high is not None:
            ends = " to ".join(format_number(end, finding.unit) for end in (finding.low, finding.high))
        expected = "" if not finding.limit else f" (claim: {finding.side} {finding.limit:g})"
        value = f"{format_number(finding.value, finding.unit)} {finding.unit}"
        cells = [title, finding.data, finding.what + expected, value, ends, finding.verdict]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines).replace(" -", " −").replace("| -", "| −")
