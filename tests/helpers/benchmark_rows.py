"""Finds rows of a benchmark."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.common.rows import Row


def find_row(rows: Iterable[Row], start: str) -> Row:
    """Returns the only row whose name begins like this."""
    (row,) = [row for row in rows if row.what.startswith(start)]
    return row
