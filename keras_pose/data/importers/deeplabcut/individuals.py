"""Chooses the individual of a multi-animal DeepLabCut project that is read: a frame of a clip shows one."""

from __future__ import annotations

import collections
from collections.abc import Sequence

from keras_pose.data.importers.deeplabcut.config import ProjectConfig
from keras_pose.data.importers.deeplabcut.ledger import Ledger
from keras_pose.data.importers.deeplabcut.table import UNIQUE, Table
from keras_pose.data.importers.names import find_name
from keras_pose.words import count


def choose_individual(config: ProjectConfig, tables: Sequence[Table], wanted: str, ledger: Ledger) -> str:
    """Chooses the individual to read: the wanted one, or the only one that is labelled.

    Args:
      config: the config of the project.
      tables: the tables of all sessions.
      wanted: name of the individual; empty: the only one.
      ledger: records a name that does not fit.

    Returns:
      The name; empty if the tables name no individual.

    Raises:
      ValueError: if several individuals are labelled and `wanted` is none of them; the message lists them.
    """
    frames = count_individuals(tables, config.skeleton.joints)
    labelled = [name for name, number in frames.items() if number]
    name = find_name(wanted, frames) if wanted else None
    if name is None and not (frames and find_name(wanted, config.individuals)) and len(labelled) <= 1:
        name = (labelled or list(frames) or [""])[0]
        if wanted:
            found = f"only {name!r} is labelled" if name else "the tables name no individuals"
            ledger.differ(found, f"--individual={wanted} is ignored")
    if name is None:
        known = dict.fromkeys(config.individuals, 0)
        listed = ", ".join(f"{key} ({count(number, 'labelled frame')})" for key, number in {**known, **frames}.items())
        received = f", received --individual={wanted}" if wanted else ""
        raise ValueError(
            f"{config.path}: expected one individual of {listed}{received}; choose it with --individual=<name>"
        )
    return name


def count_individuals(tables: Sequence[Table], parts: Sequence[str]) -> dict[str, int]:
    """Returns {individual: number of frames in which a part of it is labelled}, in the order of the tables."""
    frames: collections.Counter = collections.Counter()
    for table in tables:
        columns = collections.defaultdict(list)
        for c, column in enumerate(table.columns):
            if column.is_position and column.individual not in ("", UNIQUE) and find_name(column.part, parts):
                columns[column.individual].append(c)
        for individual, members in columns.items():
            frames[individual] += int(table.labelled_rows(members).sum())
    return dict(frames)
