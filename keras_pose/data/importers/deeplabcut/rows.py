"""Makes label rows of the chosen columns of a DeepLabCut table, and finds their pictures.

A table names its pictures as labeled-data/<session>/<picture>, or with the absolute path of the machine on which they
were labelled. The pictures are in the folder of the table, so only their names are used. But if a row names another
session that has this picture, the row may have been copied from there; such a row is reported.
"""

from __future__ import annotations

import filecmp
import os
from collections.abc import Mapping, Sequence

import numpy as np

from keras_pose.data.importers.deeplabcut.sessions import Session
from keras_pose.data.importers.deeplabcut.table import Table
from keras_pose.data.importers.label_rows import LabelRow
from keras_pose.data.importers.names import NameIndex, normalize
from keras_pose.words import shorten_list


def make_rows(
    table: Table,
    places: Sequence[tuple[int, int, int]],
    num_joints: int,
    session: Session,
    sessions: Mapping[str, Session],
) -> tuple[list[LabelRow], list[str]]:
    """Makes the rows in which a joint is labelled. DeepLabCut writes a row for each extracted frame, labelled or not.

    Args:
      table: the table.
      places: (column of the table, joint, axis) of each column to read.
      num_joints: J, the number of joints.
      session: the session of the table.
      sessions: all sessions of the project, by name.

    Returns:
      `LabelRow`s in the order of the file, and notes.
    """
    columns = [c for c, _, _ in places]
    joint_of = {c: joint for c, joint, _ in places}
    labelled = table.labelled_rows(columns)
    kept = np.flatnonzero(labelled)
    notes = []
    if len(kept) < len(table.images):
        blank = len(table.images) - len(kept)
        notes.append(f"{table.path}: left out {blank} of {len(table.images)} rows, in which no body part is labelled")
    index = NameIndex(sessions)
    rows = []
    renamed: dict[str, None] = {}
    for r in kept:
        points = np.full((num_joints, 2), np.nan)
        for c, joint, axis in places:
            points[joint, axis] = table.values[r, c]
        messages = [message for c, message in table.faults[r] if c is None]
        joint_messages = [(joint_of[c], message) for c, message in table.faults[r] if c in joint_of]
        *folders, name = table.images[r].replace("\\", "/").split("/")
        image = os.path.join(session.folder, session.names.find(name) or name.strip())
        if folders and normalize(folders[-1]) != normalize(session.name):
            other = sessions.get(index.find(folders[-1]) or "")
            messages += _compare_folders(image, other, session, name) if other else []
            renamed[folders[-1]] = None
        rows.append(LabelRow(image, points, f"{table.path}:{table.numbers[r]}", messages, joint_messages))
    if renamed:
        notes.append(f"{table.path}: names images of {shorten_list(list(renamed))}; those of {session.name} are read")
    return rows, notes


def _compare_folders(image, other, session, name):
    """A message if the row names a picture of another session that has one of this name with other content."""
    found = other.names.find(name) if other is not session else None
    if found is None:
        return []
    named = os.path.join(other.folder, found)
    if os.path.isfile(image) and filecmp.cmp(image, named, shallow=False):
        return []
    return [f"expected an image of {session.name}, found the name of one of {other.name}, {named}"]
