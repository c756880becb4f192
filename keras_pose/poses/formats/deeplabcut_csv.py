"""DeepLabCut's CSV files of predictions: px with 3 decimals, likelihoods with 6; empty cells for what is not there."""

from __future__ import annotations

import csv
import io
import os
from typing import Any

import numpy as np
import pandas as pd

from keras_pose import files
from keras_pose.poses.formats import deeplabcut_table, description, values
from keras_pose.poses.video_poses import VideoPoses

_ROWS_AT_ONCE = 4096
_LEVELS = ("scorer", "individuals", "bodyparts", "coords")


def write(path: str | os.PathLike[str], poses: VideoPoses) -> None:
    """Writes poses as DeepLabCut's CSV, and their description beside it."""
    levels, columns = deeplabcut_table.columns(poses)
    row = "%d" + ",%.3f,%.3f,%.6f" * (len(columns) // 3) + "\n"
    description.write_beside(path, poses)
    with files.replace_atomically(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        head = csv.writer(file, lineterminator="\n")
        for number, level in enumerate(levels):
            head.writerow([level, *(column[number] for column in columns)])
        for first in range(0, values.num_rows(poses), _ROWS_AT_ONCE):
            last = min(first + _ROWS_AT_ONCE, values.num_rows(poses))
            cells = deeplabcut_table.cells(poses, first, last)
            numbered = np.concatenate([np.arange(first, last)[:, None], cells], 1)
            text = (row * len(cells)) % tuple(numbered.ravel().tolist())
            file.write(text.replace("nan", ""))


def read(path: str | os.PathLike[str]) -> VideoPoses:
    """Reads poses from DeepLabCut's CSV, ours or its own. Times are unknown (NaN).

    Raises:
      OSError: if it cannot be opened.
      ValueError: if it is something else; the message names it.
    """
    lines = files.read_text(path)
    levels = []
    columns = []
    reader = csv.reader(io.StringIO(lines, newline=""))
    skipped = 0
    for line in reader:
        if not line or line[0] not in _LEVELS:
            break
        levels.append(line[0])
        columns.append(line[1:])
        skipped = reader.line_num
    try:
        options: Any = {"header": None, "skiprows": skipped, "dtype": np.float64, "encoding": "utf-8"}
        rows = pd.read_csv(io.StringIO(lines), **options).to_numpy()
    except pd.errors.EmptyDataError:
        rows = np.zeros((0, 1 + max(map(len, columns), default=0)))
    except (ValueError, pd.errors.ParserError) as error:
        raise ValueError(f"{os.fspath(path)}: expected a table of DeepLabCut's predictions, but {error}") from error
    if not levels or any(len(level) != rows.shape[1] - 1 for level in columns):
        raise ValueError(
            f"{os.fspath(path)}: expected a table of DeepLabCut's predictions with rows scorer, bodyparts and coords"
        )
    about = description.read_beside(path) if os.path.exists(description.beside(path)) else None
    frames = rows[:, 0].astype(np.int64)
    return deeplabcut_table.to_poses(path, levels, list(zip(*columns)), frames, rows[:, 1:], about)
