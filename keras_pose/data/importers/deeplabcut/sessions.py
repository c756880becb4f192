"""Finds the sessions of a DeepLabCut project: the folders in labeled-data, and the label tables in each.

A table is called CollectedData_<scorer>.csv or .h5. Folders that hold none are reported, except hidden ones and those
that hold only DeepLabCut's drawings of its labels (`<session>_labeled`).
"""

from __future__ import annotations

import collections
import dataclasses
import os

from keras_pose.data.importers.deeplabcut.ledger import Ledger
from keras_pose.data.importers.names import NameIndex, list_folder
from keras_pose.words import shorten_list

FOLDER = "labeled-data"
_PREFIX = "collecteddata"
_ENDINGS = (".csv", ".h5", ".hdf5")
WANTED = "CollectedData_<scorer>.csv or .h5"


@dataclasses.dataclass(frozen=True)
class Session:
    """A folder with labelled pictures.

    Args:
      name: name of the folder.
      folder: its path.
      names: names of all files in it.
      tables: {scorer: paths of this scorer's tables}, at least one.
    """

    name: str
    folder: str
    names: NameIndex
    tables: dict[str, list[str]]


def find_sessions(project: str, ledger: Ledger) -> list[Session]:
    """Returns the sessions, sorted by name; records in the ledger which folders hold no table.

    Raises:
      ValueError: if there is no session at all; the message says what was found.
    """
    folder = os.path.join(project, NameIndex(list_folder(project)).find(FOLDER) or FOLDER)
    sessions: list[Session] = []
    seen: dict[str, str] = {}
    # A folder itself before the links to it.
    for name in sorted(list_folder(folder), key=lambda name: (os.path.islink(os.path.join(folder, name)), name)):
        path = os.path.join(folder, name)
        session = _read_folder(name, path)
        reason, remedy = _fault(session, path, seen) if session else _file_fault(name, path)
        if reason:
            ledger.notes.append(f"{path}: left out, {reason}")
        if os.path.realpath(path) in seen:
            continue  # nothing is lost
        if reason and os.path.isfile(path):
            ledger.lose(f"file: {reason}", 1, remedy)
        elif reason:
            ledger.leave_out(name, reason, remedy)
        elif session:
            sessions.append(session)
            seen[os.path.realpath(path)] = name
    if not sessions:
        found = [f"{names[0]}: {reason}" for (reason, _), names in ledger.left_out.items()]
        hint = f"; {'; '.join(found[:3])}" if found else ""
        raise ValueError(f"{folder}: expected <clip>/{WANTED}, found none{hint}")
    return sorted(sessions, key=lambda session: session.name)


def _read_folder(name, path):
    """The session in a folder, with or without tables; None for anything that is not a folder of labels."""
    if not os.path.isdir(path):
        return None
    names = list_folder(path)
    tables = _find_tables(path, names)
    if not tables and (name.startswith(".") or name.endswith("_labeled")):
        return None
    return Session(name, path, NameIndex(names), tables)


def _find_tables(folder, names):
    """Returns {scorer: paths}, of the files in a folder that are called like label tables."""
    tables = collections.defaultdict(list)
    for name in names:
        stem, ending = os.path.splitext(name)
        if (
            ending.lower() in _ENDINGS
            and stem.lower().startswith(_PREFIX)
            and os.path.isfile(os.path.join(folder, name))
        ):
            tables[stem[len(_PREFIX) :].lstrip("_")].append(os.path.join(folder, name))
    return dict(tables)


def _fault(session, path, seen):
    """Why a folder is left out, and how to read it; ("", "") if it is read."""
    twin = seen.get(os.path.realpath(path))
    if twin is not None:
        return f"it is a link to the session {twin!r}, which is read", ""
    if session.tables and session.name.startswith("."):
        return "the folder is hidden", "rename the folder without the dot"
    if session.tables:
        return "", ""
    inner = [
        name
        for name in session.names.names
        if _find_tables(os.path.join(path, name), list_folder(os.path.join(path, name)))
    ]
    if inner:
        return f"the label tables are in folders inside it, such as {inner[0]}", f"move these folders to {FOLDER}"
    similar = [name for name in session.names.names if name.lower().startswith(_PREFIX)]
    found = f"; found {shorten_list(similar)}" if similar else ""
    return f"there is no {WANTED} in it{found}", "put the table beside its images"


def _file_fault(name, path):
    if os.path.islink(path) and not os.path.exists(path):
        return "the link leads to something that is gone", "copy the folder instead"
    if _find_tables(os.path.dirname(path), [name]):
        return "a label table outside of the sessions", f"move it to {FOLDER}/<session>/, beside its images"
    return "", ""
