"""Reads a label table of DeepLabCut from HDF5, as pandas wrote it."""

from __future__ import annotations

import os

import numpy as np

from keras_pose.data.importers.deeplabcut.csv_table import parse_cell
from keras_pose.data.importers.deeplabcut.pandas_frames import Frame, read_frames
from keras_pose.data.importers.deeplabcut.table import Column, Table
from keras_pose.data.importers.names import normalize

KEY = "df_with_missing"  # as DeepLabCut names the table
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_LEVELS = ("scorer", "individuals", "bodyparts", "coords")


def read_h5(path: str) -> Table:
    """Reads a table; its rows are numbered from 1.

    Raises:
      OSError: if the file cannot be read.
      ValueError: if it is no HDF5 file, is damaged, holds objects that are not data, or holds no or several DeepLabCut
        tables; the message names the file.
    """
    _check_signature(path)
    try:
        frames = read_frames(path)
    except MemoryError:
        raise
    except Exception as error:  # h5py raises almost anything for a damaged file
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{path}: expected a DeepLabCut table in HDF5, but {reason}") from error
    frame, notes = _choose(path, frames)
    columns = [_column(names, _levels(frame)) for names in frame.columns]
    values, faults = _values(frame.values)
    images = ["/".join(map(str, names)).replace("\\", "/") for names in frame.index]
    return Table(path, columns, values, images, list(range(1, len(images) + 1)), faults, notes)


def _check_signature(path):
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        head = file.read(len(_SIGNATURE))
    if head != _SIGNATURE:
        found = f"other content ({size} bytes)" if head.strip(b"\0") else f"no content ({size} bytes)"
        raise ValueError(f"{path}: expected a DeepLabCut table in HDF5, found {found}")


def _choose(path: str, frames: dict[str, Frame]) -> tuple[Frame, list[str]]:
    """Returns the frame that is a label table, and notes about the others."""
    tables = {key: frame for key, frame in frames.items() if {"bodyparts", "coords"} <= set(_levels(frame))}
    if not tables:
        found = "; ".join(str(frame.levels) for frame in frames.values()) or "no table"
        raise ValueError(f"{path}: expected columns of scorer, bodyparts and coords, found {found}")
    first = KEY if KEY in tables else next(iter(tables))
    others = [key for key in tables if key != first]
    if others and KEY not in tables:
        raise ValueError(f"{path}: expected one label table, or one with the key {KEY}; found {', '.join(tables)}")
    return tables[first], [
        f"the tables {', '.join(others)} in the file are left out; {first} is read"
    ] if others else []


def _levels(frame):
    """The names of the column levels; three or four levels without names are those of DeepLabCut."""
    if any(frame.levels) or not frame.columns or len(frame.columns[0]) not in (3, 4):
        return [name.strip().lower() for name in frame.levels]
    return [level for level in _LEVELS if level != "individuals" or len(frame.columns[0]) == 4]


def _column(names, levels):
    by_level = dict(zip(levels, names))
    scorer, individual, part, coordinate = (normalize(str(by_level.get(level, ""))) for level in _LEVELS)
    return Column(scorer, individual, part, coordinate.lower())


def _values(cells):
    """Returns float64 [R, C], and the faults of each row: (column, message)."""
    values = np.full(cells.shape, np.nan)
    faults: list[list[tuple[int | None, str]]] = [[] for _ in cells]
    for (r, c), cell in np.ndenumerate(cells):
        number = _number(cell)
        if number is None:
            faults[r].append((c, f"value {c + 1}: expected a number, found {cell!r}"))
        else:
            values[r, c] = number
    return values, faults


def _number(cell):
    """A cell as a float, NaN if it is blank; None if it is not a number."""
    if isinstance(cell, (complex, np.complexfloating, np.timedelta64)):
        return None
    if isinstance(cell, (int, float, np.number)):
        try:
            return float(cell)
        except OverflowError:  # a whole number of hundreds of digits
            return np.inf if cell > 0 else -np.inf
    return parse_cell(str("" if cell is None else cell).strip())
