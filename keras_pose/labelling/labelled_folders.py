"""The labels of a DeepLabCut project, folder by folder, as they are in its tables."""

from __future__ import annotations

import dataclasses
import os
import re

import numpy as np

from keras_pose.data.importers.deeplabcut.choice import choose_table
from keras_pose.data.importers.deeplabcut.columns import select_columns
from keras_pose.data.importers.deeplabcut.config import ProjectConfig
from keras_pose.data.importers.deeplabcut.ledger import Ledger
from keras_pose.data.importers.deeplabcut.sessions import WANTED, find_sessions
from keras_pose.labelling import label_tables

_TRAILING_NUMBER = re.compile(r"(\d+)\.[^.]*$")


@dataclasses.dataclass(eq=False)
class LabelledFolder:
    """The labels of a folder in labeled-data.

    Args:
      name: name of the folder.
      scorer: who labelled.
      rows: {name of a picture: float64 [J, 2], px, NaN: unlabelled}, all rows of the table.
      changed_s: when the table was changed last; 0: there is none yet.
    """

    name: str
    scorer: str
    rows: dict[str, np.ndarray]
    changed_s: float = 0.0

    def find(self, key: int | str) -> str | None:
        """Returns the name of the picture of a frame number, or with this name; None if there is no such row."""
        for name in self.rows:
            if name == key or (isinstance(key, int) and frame_number(name) == key):
                return name
        return None


def frame_number(name: str) -> int | None:
    """Returns the number at the end of the name of a picture: `img0011.png` is 11; None without one."""
    match = _TRAILING_NUMBER.search(name)
    return int(match[1]) if match else None


def read_folders(path: str, config: ProjectConfig) -> dict[str, LabelledFolder]:
    """Reads the labels of a project.

    Args:
      path: its folder.
      config: what its config.yaml says.

    Returns:
      {name of a folder in labeled-data: its labels}, only folders with labels.

    Raises:
      ValueError: if labels cannot be read; the message names the table.
    """
    return {session.name: _read_folder(session, config) for session in _find_sessions(path, Ledger(path))}


def _find_sessions(path, ledger):
    try:
        return find_sessions(path, ledger)
    except (ValueError, OSError):
        folder = os.path.join(path, label_tables.FOLDER)
        inside = [os.path.join(folder, name) for name in os.listdir(folder)] if os.path.isdir(folder) else []
        if any(
            "collecteddata" in name.lower() for place in inside if os.path.isdir(place) for name in os.listdir(place)
        ):
            raise
        return []  # a project whose first labels these are


def _read_folder(session, config):
    table, scorer = choose_table(session, [config.scorer], Ledger(config.project))
    faults = [message for row in table.faults for _, message in row]
    if faults:
        raise ValueError(
            f"{table.path}: {faults[0]}; expected {WANTED} without faults before labels are merged into it"
        )
    selection = select_columns(table, config.skeleton.joints, [config.scorer, scorer])
    rows: dict[str, np.ndarray] = {}
    for values, image in zip(table.values, table.images):
        name = image.replace("\\", "/").rsplit("/", 1)[-1].strip()
        if name in rows:
            raise ValueError(f"{table.path}: expected each picture once, found {name} twice")
        points = np.full((config.skeleton.num_joints, 2), np.nan)
        for column, joint, axis in selection.places:
            points[joint, axis] = values[column]
        rows[name] = points
    return LabelledFolder(session.name, scorer or config.scorer, rows, os.stat(table.path).st_mtime)
