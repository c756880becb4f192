"""Changes of tables: cells, rows, columns, and the way in which a table becomes text."""

from __future__ import annotations

import copy
import csv
import dataclasses
import io
import random

ODD_CELLS = (
    "",
    " ",
    "NaN",
    "nan",
    "text",
    "inf",
    "-inf",
    "1e400",
    "-5",
    "-0.4",
    "1,5",
    " 12 ",
    "0x10",
    "1.2.3",
    "1_0",
    "١٢",
    "é",
    "99999",
    "63.6",
    '"',
    "a\nb",
    "x" * 200_000,  # csv refuses cells of more than 131,072 characters
    "\x00",
)


@dataclasses.dataclass
class Row:
    """A row: what it is (a header's name, or "data") and its cells."""

    kind: str
    cells: list[str]


def change_table(rng: random.Random, rows: list[Row], log: list[str]) -> list[Row]:
    """Returns a copy of the table after one change."""
    rows = copy.deepcopy(rows)
    change = rng.choice((_cell, _cell, _cell, _row, _row, _column))
    log.append(change(rng, rows))
    return rows


def to_text(rng: random.Random, rows: list[Row], log: list[str]) -> bytes:
    """Returns the table as CSV, most often as DeepLabCut writes it."""
    separator = rng.choice((",",) * 8 + (";", "\t"))
    quoting = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    log.append(f"separator {separator!r}, quoting {quoting}")
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, quoting=quoting, lineterminator="\n")
    for row in rows:
        writer.writerow(row.cells)
    return buffer.getvalue().encode("utf-8", "surrogatepass")


def _cell(rng, rows):
    row = rng.choice(rows)
    if not row.cells:
        return "no cell to change"
    column = rng.randrange(len(row.cells))
    row.cells[column] = rng.choice(ODD_CELLS)
    return f"cell {column} of row {rows.index(row)} ({row.kind}) is {row.cells[column][:20]!r}"


def _row(rng, rows):
    at = rng.randrange(len(rows))
    what = rng.choice(("delete", "double", "swap", "shorten", "lengthen", "empty"))
    if what == "delete" and len(rows) > 1:
        del rows[at]
    elif what == "double":
        rows.insert(rng.randrange(len(rows) + 1), copy.deepcopy(rows[at]))
    elif what == "swap":
        other = rng.randrange(len(rows))
        first = rows[at]
        rows[at] = rows[other]
        rows[other] = first
    elif what == "shorten":
        rows[at].cells = rows[at].cells[: rng.randrange(len(rows[at].cells) + 1)]
    elif what == "lengthen":
        rows[at].cells.append(rng.choice(ODD_CELLS[:20]))
    else:
        rows[at].cells = [""] * len(rows[at].cells)
    return f"{what} row {at}"


def _column(rng, rows):
    width = max(len(row.cells) for row in rows)
    if not width:
        return "no column to change"
    at = rng.randrange(width)
    what = rng.choice(("delete", "double", "swap", "blank", "empty at the end"))
    other = rng.randrange(width)
    for row in rows:
        cells = row.cells
        if what == "empty at the end":
            cells.append("")
        elif max(at, other) < len(cells):
            if what == "delete":
                del cells[at]
            elif what == "double":
                cells.insert(other, cells[at])
            elif what == "swap":
                first = cells[at]
                cells[at] = cells[other]
                cells[other] = first
            else:
                cells[at] = ""
    return f"{what} column {at}" + (f" ({other})" if what in ("double", "swap") else "")
