"""The tidy table as CSV: px with 3 decimals, scores and times with 6; empty cells for what is not there or unknown."""

from __future__ import annotations

import csv
import io
import os

import numpy as np
import pandas as pd

from keras_pose import files
from keras_pose.poses.formats import description, tidy_table
from keras_pose.poses.video_poses import VideoPoses

_FRAMES_AT_ONCE = 2048
_FORMAT_OF = {"x": "%.3f", "y": "%.3f", "expected_error_px": "%.3f", "frame": "%d", "ambiguous": "%s", "decoded": "%s"}


def write(path: str | os.PathLike[str], poses: VideoPoses) -> None:
    """Writes poses as a tidy CSV file, and their description beside it."""
    template = _template(poses)
    description.write_beside(path, poses)
    with files.replace_atomically(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        file.write(",".join(tidy_table.COLUMNS) + "\n")
        for first in range(0, poses.num_frames, _FRAMES_AT_ONCE):
            last = min(first + _FRAMES_AT_ONCE, poses.num_frames)
            text = (template * (last - first)) % tuple(_cells(poses, first, last))
            file.write(text.replace("nan", "").replace("n\0a", "na"))


def read(path: str | os.PathLike[str]) -> VideoPoses:
    """Reads poses from a tidy CSV file, with or without its description; see `tidy_table.to_poses`.

    Raises:
      OSError: if it cannot be opened.
      ValueError: if it is something else; the message names it.
    """
    text = files.read_text(path)
    names = {"person": str, "joint": str}
    # A joint may be called "NA": only empty cells count as unknown, and none of the names does.
    empty = {name: [""] for name in tidy_table.COLUMNS if name not in names}
    try:
        table = pd.read_csv(io.StringIO(text), dtype=names, keep_default_na=False, na_values=empty)
        about = description.read_beside(path) if os.path.exists(description.beside(path)) else None
        return tidy_table.to_poses(path, table, about)
    except (pd.errors.EmptyDataError, pd.errors.ParserError) as error:
        raise ValueError(f"{os.fspath(path)}: expected a tidy table of poses, but {error}") from error


def _template(poses):
    """Returns the rows of one frame as a format string, in which the names stand already.

    In names, "na" has a zero character inside, so that their "nan" is not that of an unknown number.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    formats = {name: _FORMAT_OF.get(name, "%.6f") for name in tidy_table.COLUMNS}
    for person in poses.people:
        for joint in poses.skeleton.joints:
            names = {"person": person.replace("%", "%%"), "joint": joint.replace("%", "%%")}
            writer.writerow({**formats, **names}.values())
    return text.getvalue().replace("na", "n\0a")


def _cells(poses, first, last):
    """Returns what the format strings of some frames take: all columns but the names, row by row."""
    columns = tidy_table.columns(poses, first, last)
    names = [name for name in columns if name not in ("person", "joint")]
    cells = [None] * (len(columns["frame"]) * len(names))
    for place, name in enumerate(names):
        values = columns[name]
        words = np.where(values, "true", "false") if values.dtype == bool else values
        cells[place :: len(names)] = words.tolist()
    return cells
