"""The poses of a live source as a table that grows line by line, so that nothing is lost when the program ends."""

from __future__ import annotations

import csv
import os
from types import TracebackType

import numpy as np

from keras_pose import files
from keras_pose.skeleton import Skeleton

COLUMNS = ("frame", "time_s", "person", "joint", "x", "y", "score")


class LiveTable:
    """Writes a CSV with a line for each joint. It is written as frames come, and kept if the program is killed.

    Args:
      path: the file; an older one is replaced.
      skeleton: the joints.

    Raises:
      OSError: if it cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str], skeleton: Skeleton) -> None:
        self.path = os.fspath(path)
        self._skeleton = skeleton
        with files.name_unwritable(self.path):
            os.makedirs(os.path.dirname(self.path) or ".", exist_ok=True)
            self._file = open(self.path, "w", encoding="utf-8", newline="")  # noqa: SIM115 - open until `close`
            self._writer = csv.writer(self._file, lineterminator="\n")
            self._writer.writerow(COLUMNS)

    def add(self, frame: int, time_s: float, person: str, joints: np.ndarray, scores: np.ndarray) -> None:
        """Adds the pose of a person in a frame: joints [J, 2] in px of the frame, scores [J]; NaN becomes empty."""
        with files.name_unwritable(self.path):
            for name, (x, y), score in zip(self._skeleton.joints, joints, scores):
                cells = [f"{value:.3f}" if np.isfinite(value) else "" for value in (x, y, score)]
                self._writer.writerow([frame, f"{time_s:.4f}", person, name, *cells])
            self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        with files.name_unwritable(self.path):
            self._file.close()

    def __enter__(self) -> LiveTable:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
