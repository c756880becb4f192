"""Rows: what a benchmark measures, with unit, spread and target, and the table that shows them.

The spread of repeats is the range from their 2.5th to their 97.5th percentile. Other rows say what their spread is.
"""

from __future__ import annotations

import dataclasses
import operator
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

_COMPARISONS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "==": operator.eq}


def meets_target(value: float, target: str) -> bool:
    """Whether a number meets a target such as ">= 10".

    Raises:
      ValueError: if the target is not a comparison (>=, <=, >, <, ==) and a number.
    """
    match = re.fullmatch(r"\s*(>=|<=|==|>|<)\s*([-+]?[0-9.]+(?:e[-+]?\d+)?)\s*", target)
    if not match:
        raise ValueError(f'target: expected a comparison and a number such as ">= 10", received {target!r}')
    return bool(_COMPARISONS[match[1]](value, float(match[2])))


@dataclasses.dataclass(frozen=True)
class Row:
    """One measured value.

    Args:
      what: what was measured.
      value: the value; the median if there are repeats.
      unit: its unit.
      low, high: its spread, or None.
      target: such as ">= 10" for the value, "low > 0" or "high < 5" for an end of the spread; or None.

    Attributes:
      holds: whether the value (or that end of the spread) meets the target; None without a target.
    """

    what: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    target: str | None = None
    holds: bool | None = dataclasses.field(init=False, default=None)

    def __post_init__(self) -> None:
        for field in ("value", "low", "high"):
            number = getattr(self, field)
            object.__setattr__(self, field, None if number is None else float(number))
        if self.target is not None:
            object.__setattr__(self, "holds", self._meets(self.target))

    def _meets(self, target):
        head, _, comparison = target.strip().partition(" ")
        if head not in ("low", "high"):
            return meets_target(self.value, target)
        number = getattr(self, head)
        return number is not None and meets_target(number, comparison)


@dataclasses.dataclass(frozen=True)
class Spread:
    """A median with its 2.5th and 97.5th percentiles."""

    median: float
    low: float
    high: float

    @classmethod
    def from_samples(cls, samples: ArrayLike) -> Spread:
        """Returns the spread of repeats."""
        low, median, high = np.percentile(samples, (2.5, 50, 97.5))
        return cls(float(median), float(low), float(high))

    def to_row(self, what: str, unit: str, scale: float = 1.0, target: str | None = None) -> Row:
        """Returns a `Row` of this spread times `scale` (1e3 turns seconds into ms)."""
        return Row(what, self.median * scale, unit, self.low * scale, self.high * scale, target)


def format_table(rows: Sequence[Row]) -> str:
    """Returns the rows as aligned text."""
    lines = [("what", "value", "unit", "low", "high", "target", "holds")]
    for row in rows:
        holds = {None: "", True: "yes", False: "NO"}[row.holds]
        value, low, high = ("" if v is None else f"{v:.4g}" for v in (row.value, row.low, row.high))
        lines.append((row.what, value, row.unit, low, high, row.target or "", holds))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    numbers = (1, 3, 4)  # columns aligned to the right
    cells = [
        [cell.rjust(w) if i in numbers else cell.ljust(w) for i, (cell, w) in enumerate(zip(line, widths))]
        for line in lines
    ]
    return "\n".join("  ".join(line).rstrip() for line in cells)
