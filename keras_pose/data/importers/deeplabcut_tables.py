"""Reads the label tables of DeepLabCut: CollectedData_<scorer>.csv or .h5, a row per image, x and y of each body part.

A .csv file begins with the rows `scorer`, `bodyparts` and `coords`. The path of an image takes one column or three
(labeled-data, clip, image), with slashes or backslashes. Only the name of the image is used, so a project can be moved.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence

import numpy as np

from keras_pose.data.importers.label_rows import LabelRow, parse_numbers


def read_table(path: str, joints: Sequence[str]) -> list[LabelRow]:
    """Reads a table. The images are in the same folder.

    Args:
      path: a .csv or .h5 file.
      joints: J names in the order of the result; a joint that the table lacks is unlabelled in all rows.

    Returns:
      `LabelRow`s in the order of the file.

    Raises:
      ValueError: if the header is not that of a DeepLabCut table, names an unknown body part, names one twice, or
        names several animals.
    """
    header, rows = (_read_h5 if path.endswith(".h5") else _read_csv)(path)
    columns = _columns(path, header, joints)
    folder = os.path.dirname(path)
    labels = []
    for number, image, cells in rows:
        values, messages = (cells, []) if isinstance(cells, np.ndarray) else parse_numbers(cells)
        points = np.full((len(joints), 2), np.nan)
        if len(values) == len(columns):
            for value, (joint, axis) in zip(values, columns):
                points[joint, axis] = value
        else:
            messages = [f"expected {len(columns)} values as in the header, found {len(values)}"]
        labels.append(LabelRow(os.path.join(folder, image), points, f"{path}:{number}", messages))
    return labels


def _read_csv(path):
    """Returns the header, (body part, coordinate) of each column, and rows (line number, image name, cells)."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        lines = [(number, cells) for number, cells in enumerate(csv.reader(file), 1) if any(c.strip() for c in cells)]
    header = {}
    body = 0
    for _, cells in lines:
        if cells[0].strip() not in ("scorer", "individuals", "bodyparts", "coords"):
            break
        header[cells[0].strip()] = [c.strip() for c in cells]
        body += 1
    _refuse_several(path, "individuals" in header)
    if not {"bodyparts", "coords"} <= set(header) or "x" not in header["coords"]:
        raise ValueError(
            f"{path}: expected the header rows scorer, bodyparts and coords (x, y, …), found {list(header)}"
        )
    first = header["coords"].index("x")  # the columns before it are the path: one or three
    rows = []
    for number, cells in lines[body:]:
        image = [c for c in cells[:first] if c.strip()][-1:] or [""]
        rows.append((number, _image_name(image[0]), cells[first:]))
    return list(zip(header["bodyparts"][first:], header["coords"][first:])), rows


def _read_h5(path):
    """Like `_read_csv`, but the cells are float64."""
    import pandas as pd

    try:
        table = pd.read_hdf(path)
    except (
        OSError,
        ValueError,
        KeyError,
        RuntimeError,
    ) as error:  # PyTables raises RuntimeError with a long back trace
        reason = str(error).strip().rpartition("\n")[2]
        raise ValueError(f"{path}: expected a DeepLabCut table in HDF5, but {reason}") from error
    levels = list(table.columns.names)
    _refuse_several(path, "individuals" in levels)
    if not {"bodyparts", "coords"} <= set(levels):
        raise ValueError(f"{path}: expected columns of scorer, bodyparts and coords, found {levels}")
    header = [tuple(str(column[levels.index(level)]) for level in ("bodyparts", "coords")) for column in table.columns]
    images = [key[-1] if isinstance(key, tuple) else key for key in table.index]
    values = table.to_numpy(np.float64)
    return header, [(number, _image_name(str(image)), values[number - 1]) for number, image in enumerate(images, 1)]


def _refuse_several(path, several):
    if several:
        raise ValueError(
            f"{path}: expected one animal per frame, found the column level `individuals` of a multi-animal project"
        )


def _columns(path, header, joints):
    """Returns (joint, axis) of each column of coordinates, as positions."""
    columns = []
    for part, coordinate in header:
        if part not in joints:
            raise ValueError(
                f"{path}: unknown body part {part!r} in the header, expected those of config.yaml: {', '.join(joints)}"
            )
        if coordinate not in ("x", "y"):
            raise ValueError(f"{path}: body part {part!r}: expected the coordinates x and y, found {coordinate!r}")
        columns.append((joints.index(part), "xy".index(coordinate)))
    if len(set(columns)) != len(columns) or len(columns) % 2:
        raise ValueError(f"{path}: expected x and y of each body part once, found {header}")
    return columns


def _image_name(path):
    return path.strip().replace("\\", "/").rsplit("/", 1)[-1]
