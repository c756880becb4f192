"""Rows: what a benchmark measures, with unit, spread and target, and the table that shows them.

The spread of repeats is the range from their 2.5th to their 97.5th percentile. Other rows say what their spread is.

A target is judged by the whole spread: it holds only if both ends meet it, and is missed only if both ends miss it.
Otherwise it is open: the measurement shows neither. Without a spread, the value alone decides.
"""

from __future__ import annotations

import dataclasses
import operator
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

# What a spread says about a target.
HOLDS = "holds"
MISSED = "missed"
OPEN = "open"

_COMPARISONS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "==": operator.eq}


def meets_target(value: float, target: str) -> bool:
    """Whether a number meets a target such as ">= 10".

    Raises:
      ValueError: if the target is not a comparison (>=, <=, >, <, ==) and a number.
    """
    comparison, number = _parse(target)
    return bool(_COMPARISONS[comparison](value, number))


def judge(target: str, value: float, low: float | None = None, high: float | None = None) -> str:
    """Returns HOLDS if the whole spread meets the target, MISSED if no part of it does, otherwise OPEN.

    Args:
      target: such as ">= 10".
      value: the measured value, which decides if there is no spread.
      low, high: the ends of its spread, or None.

    Raises:
      ValueError: if the target is not a comparison and a number.
    """
    ends = [end for end in (low, high) if end is not None] or [value]
    met = [meets_target(end, target) for end in ends]
    if all(met):
        return HOLDS
    comparison, number = _parse(target)
    within = comparison == "==" and min(ends) <= number <= max(ends)
    return OPEN if any(met) or within else MISSED


def _parse(target):
    match = re.fullmatch(r"\s*(>=|<=|==|>|<)\s*([-+]?[0-9.]+(?:e[-+]?\d+)?)\s*", target)
    if not match:
        raise ValueError(f'target: expected a comparison and a number such as ">= 10", received {target!r}')
    return match[1], float(match[2])


@dataclasses.dataclass(frozen=True)
class Row:
    """One measured value.

    Args:
      what: what was measured.
      value: the value; the median if there are repeats.
      unit: its unit.
      low, high: its spread, or None.
      target: such as ">= 10", or None.

    Attributes:
      verdict: HOLDS, MISSED or OPEN, as `judge` finds; None without a target.
      holds: True if the verdict is HOLDS, False if it is MISSED, otherwise None.
    """

    what: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    target: str | None = None
    verdict: str | None = dataclasses.field(init=False, default=None)
    holds: bool | None = dataclasses.field(init=False, default=None)

    def __post_init__(self) -> None:
        for field in ("value", "low", "high"):
            number = getattr(self, field)
            object.__setattr__(self, field, None if number is None else float(number))
        if self.target is not None:
            verdict = judge(self.target, self.value, self.low, self.high)
            object.__setattr__(self, "verdict", verdict)
            object.__setattr__(self, "holds", {HOLDS: True, MISSED: False}.get(verdict))


@dataclasses.dataclass(frozen=True)
class Spread:
    """A median with its 2.5th and 97.5th percentiles."""

    median: float
    low: float
    high: float

    @classmethod
    def from_samples(cls, samples: ArrayLike) -> Spread:
        """Returns the spread of repeats."""
        low, median, high = np.percentile(np.asarray(samples), (2.5, 50, 97.5))
        return cls(float(median), float(low), float(high))

    def to_row(self, what: str, unit: str, scale: float = 1.0, target: str | None = None) -> Row:
        """Returns a `Row` of this spread times `scale` (1e3 turns seconds into ms)."""
        return Row(what, self.median * scale, unit, self.low * scale, self.high * scale, target)


def format_table(rows: Sequence[Row]) -> str:
    """Returns the rows as aligned text."""
    lines = [("what", "value", "unit", "low", "high", "target", "verdict")]
    for row in rows:
        value, low, high = ("" if v is None else f"{v:.4g}" for v in (row.value, row.low, row.high))
        lines.append((row.what, value, row.unit, low, high, row.target or "", row.verdict or ""))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    numbers = (1, 3, 4)  # columns aligned to the right
    cells = [
        [cell.rjust(w) if i in numbers else cell.ljust(w) for i, (cell, w) in enumerate(zip(line, widths))]
        for line in lines
    ]
    return "\n".join("  ".join(line).rstrip() for line in cells)
