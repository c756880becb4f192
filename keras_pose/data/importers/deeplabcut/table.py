"""A label table of DeepLabCut as it was read from CSV or HDF5: named columns of numbers, a row for each picture."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterable

import numpy as np

TOLERANCE_PX = 0.01
UNIQUE = "single"  # the individual of a multi-animal table that stands for the parts which exist once


@dataclasses.dataclass(frozen=True)
class Column:
    """The names above a column; empty if the table lacks the level.

    Args:
      scorer: who labelled.
      individual: which animal or person; `UNIQUE` for parts that exist once.
      part: the body part.
      coordinate: x, y, or something that is not a position, such as `likelihood`.
    """

    scorer: str
    individual: str
    part: str
    coordinate: str

    @property
    def is_position(self) -> bool:
        """Whether the column holds the x or y of a body part."""
        return bool(self.part) and self.coordinate in ("x", "y")


@dataclasses.dataclass
class Table:
    """A table.

    Args:
      path: path of the file.
      columns: C columns.
      values: float64 [R, C], NaN if not given.
      images: R paths of pictures as they are written, with slashes.
      numbers: R numbers of rows for messages: lines of a text file, or counted from 1.
      faults: for each row the cells that cannot be read, (column or None for the whole row, message).
      notes: what is unusual about the file.
    """

    path: str
    columns: list[Column]
    values: np.ndarray
    images: list[str]
    numbers: list[int]
    faults: list[list[tuple[int | None, str]]]
    notes: list[str] = dataclasses.field(default_factory=list)

    def labelled_rows(self, columns: Iterable[int] | None = None) -> np.ndarray:
        """Returns bool [R]: whether any of these columns of positions (None: all) has a value or a fault."""
        positions = [c for c, column in enumerate(self.columns) if column.is_position]
        chosen = set(positions if columns is None else columns)
        filled = ~np.isnan(self.values[:, sorted(chosen)]).all(-1)
        faulty = [any(c is None or c in chosen for c, _ in faults) for faults in self.faults]
        return filled | np.array(faulty, bool)


def same_labels(a: Table, b: Table) -> bool:
    """Whether two tables say the same about the same pictures, whatever the order of rows and columns."""
    first = _cells(a)
    second = _cells(b)
    if first.keys() != second.keys():
        return False
    with np.errstate(over="ignore", invalid="ignore"):  # 1e308 − −1e308, ∞ − ∞
        return bool(np.allclose(list(first.values()), [second[key] for key in first], rtol=0, atol=TOLERANCE_PX))


def _cells(table):
    """{(picture, occurrence, individual, part, coordinate): position in px}; infinite for a fault."""
    cells = {}
    seen: collections.Counter = collections.Counter()
    for r, image in enumerate(table.images):
        name = image.replace("\\", "/").rsplit("/", 1)[-1].strip()
        seen[name] += 1
        for c, column in enumerate(table.columns):
            if column.is_position and not np.isnan(table.values[r, c]):
                key = (name, seen[name], column.individual, column.part, column.coordinate)
                cells[key] = table.values[r, c]
        for c, message in table.faults[r]:
            cells[name, seen[name], c, message, ""] = np.inf
    return cells
