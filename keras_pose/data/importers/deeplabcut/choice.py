"""Chooses one label table for a session that has several: of several scorers, or as CSV and HDF5.

DeepLabCut writes each table twice. If the two differ, somebody edited one of them, or copied an old one: the file that
was changed last is read (the HDF5, as DeepLabCut does, if both have the same time), and the user is told.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence

from keras_pose.data.importers.deeplabcut.csv_table import read_csv
from keras_pose.data.importers.deeplabcut.hdf5_table import read_h5
from keras_pose.data.importers.deeplabcut.ledger import Ledger
from keras_pose.data.importers.deeplabcut.sessions import Session
from keras_pose.data.importers.deeplabcut.table import Table, same_labels
from keras_pose.data.importers.names import find_name
from keras_pose.words import write_flag


def read_table(path: str) -> Table:
    """Reads a .csv or HDF5 file.

    Raises:
      OSError: if the file cannot be read.
      ValueError: if it is not a DeepLabCut table; the message names it.
    """
    return read_csv(path) if path.lower().endswith(".csv") else read_h5(path)


def choose_table(session: Session, preferred: Sequence[str], ledger: Ledger) -> tuple[Table, str]:
    """Chooses and reads the table of a session.

    Args:
      session: the session.
      preferred: names of scorers; the first that has a table here is chosen if there are several.
      ledger: records what is not read.

    Returns:
      The table, and the scorer in its name.

    Raises:
      OSError: if a file cannot be read.
      ValueError: if no table can be read; or if several scorers have tables that differ, and none is preferred.
    """
    scorers = sorted(session.tables)
    if len(scorers) == 1:
        return _newest(session, scorers[0], ledger), scorers[0]
    found = (find_name(name, scorers) for name in preferred if name)
    chosen = next((name for name in found if name is not None), None)
    tables: dict[str, Table] = {}
    failures: list[Exception] = []
    for scorer in scorers:
        try:
            tables[scorer] = _newest(session, scorer, ledger)
        except (OSError, ValueError) as error:
            if scorer == chosen:
                raise
            failures.append(error)
            ledger.notes.append(f"left out, as another table is read: {error}")
    if not tables:
        raise failures[0]
    if chosen is None:
        chosen = next(iter(tables))
        if not all(same_labels(tables[chosen], table) for table in tables.values()):
            raise AmbiguousScorerError(session, list(tables))
    for scorer, table in tables.items():
        labelled = int(table.labelled_rows().sum())
        if scorer != chosen and labelled and not same_labels(table, tables[chosen]):
            ledger.notes.append(f"{table.path}: left out ({labelled} labelled frames), since {chosen!r} is read")
            what = f"frames labelled by {scorer!r} in folders where {chosen!r} is read"
            ledger.lose(what, labelled, write_flag("scorer", scorer))
    return tables[chosen], chosen


class AmbiguousScorerError(ValueError):
    """Several scorers labelled a session, and nothing says whose labels to read."""

    def __init__(self, session: Session, scorers: Sequence[str]) -> None:
        names = ", ".join(os.path.basename(session.tables[scorer][0]) for scorer in scorers)
        flags = " or ".join(write_flag("scorer", scorer) for scorer in scorers)
        super().__init__(
            f"{session.folder}: expected the label table of one scorer, or of the `scorer` in config.yaml; found "
            f"{names}: choose with {flags}"
        )


def _newest(session, scorer, ledger):
    """Reads the tables of a scorer; the one that was changed last, if they differ."""
    tables = []
    failures = []
    for path in session.tables[scorer]:
        try:
            tables.append(read_table(path))
        except (OSError, ValueError) as error:
            failures.append(error)
    if not tables:
        raise failures[0]
    tables.sort(key=lambda table: not _is_csv(table.path))
    chosen = tables[0]
    if not all(same_labels(chosen, table) for table in tables[1:]):
        chosen = max(tables, key=lambda table: (os.stat(table.path).st_mtime_ns, not _is_csv(table.path)))
        others = ", ".join(_dated(table.path) for table in tables if table is not chosen)
        difference = f"{_dated(chosen.path)} differs from {others}"
        ledger.notes.append(f"{session.folder}: {difference}; the one that was changed last is read")
        what = "CSV and H5 differ, and the one that was changed last is read; delete the one that is wrong"
        ledger.differ(f"{session.name}: {difference}", what)
    for failure in failures:
        ledger.notes.append(f"{os.path.basename(chosen.path)} is read instead of the file beside it: {failure}")
        ledger.differ(session.name, "one of CSV and H5 cannot be read, so the other is used")
    return chosen


def _is_csv(path):
    return path.lower().endswith(".csv")


def _dated(path):
    changed = datetime.datetime.fromtimestamp(os.stat(path).st_mtime)
    return f"{os.path.basename(path)} of {changed.isoformat(' ', 'milliseconds')}"
