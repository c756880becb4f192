"""Reads a label table of DeepLabCut from CSV, as DeepLabCut or a spreadsheet wrote it.

The table begins with the rows `scorer`, `individuals` (only in multi-animal projects), `bodyparts` and `coords`. The
path of a picture takes one column or three (labeled-data, clip, picture). Cells are separated by commas, semicolons or
tabs; with the latter two, numbers may have decimal commas.
"""

from __future__ import annotations

import csv
import io
import re

import numpy as np

from keras_pose.data.importers.deeplabcut.table import Column, Table
from keras_pose.data.importers.names import normalize
from keras_pose.data.importers.text_encoding import decode_text

_LEVELS = ("scorer", "individuals", "bodyparts", "coords")
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_NOT_GIVEN = frozenset(("", "nan", "na", "n/a", "#n/a", "<na>", "null", "none"))
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE | re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


def read_csv(path: str) -> Table:
    """Reads a table.

    Raises:
      OSError: if the file cannot be read.
      ValueError: if it is empty or its header is not that of a DeepLabCut table; the message names the file.
    """
    with open(path, "rb") as file:
        data = file.read()
    try:
        text, note = decode_text(data)
        separator, records = _split(text)
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{path}: expected a DeepLabCut table, but {error}") from error
    notes = [note] if note else []
    if separator != ",":
        notes.append(f"cells are separated by {_SEPARATORS[separator]}")
    header = _header(records)
    if not {"bodyparts", "coords"} <= set(header) or "x" not in header["coords"]:
        first_line = next((line.strip() for line in text.splitlines() if line.strip()), "")
        found = ", ".join(header) or repr(first_line[:60]) if first_line else "an empty file"
        raise ValueError(f"{path}: expected the header rows scorer, bodyparts and coords (x, y, …), found {found}")
    first = next(i for i, cell in enumerate(header["coords"]) if i and cell)  # behind the path: one column or three
    columns = _columns(header, first)
    body = _body(path, records, len(header), notes)
    values, faults = _values(body, first, columns, separator, notes)
    images = ["/".join(c.strip() for c in cells[:first] if c.strip()) for _, cells in body]
    return Table(path, columns, values, images, [number for number, _ in body], faults, notes)


def _split(text):
    """Returns the separator and the records that are not blank: (number of the first line, cells)."""
    hint = re.match(r"sep=(.)\r?\n", text)  # Excel's own line
    candidates = hint[1] if hint and hint[1] in _SEPARATORS else _SEPARATORS
    text = text[hint.end() :] if hint else text
    skipped = 1 if hint else 0
    for separator in candidates:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        records = []
        line = 1 + skipped
        for cells in reader:
            if any(c.strip() for c in cells):
                records.append((line, cells))
            line = reader.line_num + 1 + skipped
        if "coords" in _header(records):
            return separator, records
    return ",", records if candidates == "," else []


def _header(records):
    """Returns {level: cells} of the rows before the first picture."""
    header = {}
    for _, cells in records[: len(_LEVELS)]:
        level = cells[0].strip().lower()
        if level not in _LEVELS or level in header or len(cells) < 2:
            break
        header[level] = [normalize(c) for c in cells]
    if "coords" in header:
        header["coords"] = [c.lower() for c in header["coords"]]
    return header


def _columns(header, first):
    """The columns behind the path, without empty ones at the end. A blank cell continues the one on its left."""
    count = max(len(cells) for cells in header.values())
    while not any(cells[count - 1 : count] != [""] for cells in header.values() if len(cells) >= count):
        count -= 1
    names = {}
    for level in _LEVELS:
        cells = header.get(level, [])
        cells = cells + [""] * (count - len(cells))
        if level != "coords":
            for i in range(first + 1, count):
                if not cells[i] and header["coords"][i : i + 1] not in ([], [""]):
                    cells[i] = cells[i - 1]
        names[level] = cells[first:count]
    return [Column(*fields) for fields in zip(*(names[level] for level in _LEVELS))]


def _body(path, records, size, notes):
    """The rows of pictures. A header may be there again, between the tables that somebody put together."""
    header = [cells for _, cells in records[:size]]
    body = []
    for number, cells in records[size:]:
        if cells[0].strip().lower() not in _LEVELS:
            body.append((number, cells))
        elif cells not in header:
            raise ValueError(f"{path}:{number}: expected the name of a picture, found a second header that differs")
    if len(body) + size < len(records):
        notes.append("the header is there more than once")
    return body


def _values(body, first, columns, separator, notes):
    """Returns float64 [R, C], and the faults of each row: (column or None, message)."""
    decimal_comma = False
    if separator != ",":
        decimal_comma = any(_DECIMAL_COMMA.fullmatch(c.strip()) for _, cells in body for c in cells[first:])
    if decimal_comma:
        notes.append("numbers have decimal commas")
    values = np.full((len(body), len(columns)), np.nan)
    faults: list[list[tuple[int | None, str]]] = []
    surplus = 0
    for r, (line, cells) in enumerate(body):
        rest = [c.strip() for c in cells[first:]]
        extra = [c for c in rest[len(columns) :] if c]
        faults.append([(None, message) for message in _row_faults(line, cells, first, len(columns), extra)])
        if faults[r]:
            continue
        surplus += len(extra)
        for c, cell in enumerate(rest[: len(columns)]):
            number = _parse_number(cell, separator, decimal_comma)
            if number is None:
                faults[r].append((c, f"value {c + 1}: expected a number, found {cell!r}"))
            else:
                values[r, c] = number
    if surplus:
        notes.append(f"{surplus} words behind the last column are ignored")
    return values, faults


def _row_faults(line, cells, first, num_columns, extra):
    """Yields what is wrong with a whole row: the number of cells, no picture, lines that a quotation mark joins."""
    if not any(c.strip() for c in cells[:first]):
        yield "expected the name of a picture, found none"
    ends = sum(len(re.findall(r"\r\n|\r|\n", cell.rstrip("\r\n"))) for cell in cells)
    spread = f" (an open quotation mark joins lines {line} to {line + ends})" if ends else ""
    if len(cells) - first < num_columns or any(parse_cell(c, True) is not None for c in extra):
        found = num_columns + len(extra) if extra else len(cells[first:])
        yield f"expected {num_columns} values as in the header, found {found}{spread}"
    elif ends:
        yield f"expected the name of a picture and its values in one line{spread}"


def _parse_number(cell, separator, decimal_comma):
    if decimal_comma:
        return None if "." in cell else parse_cell(cell, True)  # 1.234 may be a thousand
    # In a cell in quotation marks, 12,5 has a decimal comma, but 1,234 may be a thousand.
    return parse_cell(cell, separator == "," and not _THOUSANDS.fullmatch(cell))


def parse_cell(cell: str, decimal_comma: bool = False) -> float | None:
    """Returns the number in a cell, NaN if none is given, None if it is something else.

    Args:
      cell: the text, without spaces around it.
      decimal_comma: whether `1,5` is a number.
    """
    if cell.lower() in _NOT_GIVEN:
        return np.nan
    if decimal_comma and _DECIMAL_COMMA.fullmatch(cell):
        cell = cell.replace(",", ".")
    return float(cell) if _NUMBER.fullmatch(cell) else None
