"""Reads the labels of all sessions of a DeepLabCut project: one table, one scorer and one individual of each."""

from __future__ import annotations

from collections.abc import Sequence

from keras_pose.data.importers.deeplabcut.choice import AmbiguousScorerError, choose_table
from keras_pose.data.importers.deeplabcut.columns import select_columns
from keras_pose.data.importers.deeplabcut.config import ProjectConfig
from keras_pose.data.importers.deeplabcut.individuals import choose_individual
from keras_pose.data.importers.deeplabcut.ledger import Ledger
from keras_pose.data.importers.deeplabcut.rows import make_rows
from keras_pose.data.importers.deeplabcut.sessions import Session
from keras_pose.data.importers.deeplabcut.table import Table
from keras_pose.data.importers.label_rows import LabelRow
from keras_pose.data.importers.names import find_name
from keras_pose.data.source import Problem
from keras_pose.words import count, shorten_list


def read_labels(
    config: ProjectConfig, sessions: Sequence[Session], scorer: str, individual: str, ledger: Ledger
) -> tuple[list[tuple[Session, list[LabelRow]]], list[Problem]]:
    """Reads the labels of all sessions.

    Args:
      config: the config of the project.
      sessions: the sessions.
      scorer: whose labels to read where several people labelled; empty: those of the scorer in `config`.
      individual: which individual to read; empty: the only one.
      ledger: records what is not read.

    Returns:
      The labelled rows of each session that has some, and a problem for each session whose table cannot be read.

    Raises:
      ValueError: if no table can be read, or if `scorer` or `individual` has to choose and does not.
    """
    failures: list[tuple[Session, Exception]] = []
    chosen: list[tuple[Session, Table, str]] = []
    for session in sessions:
        try:
            chosen.append((session, *choose_table(session, [scorer, config.scorer], ledger)))
        except AmbiguousScorerError:
            raise
        except (OSError, ValueError) as error:
            failures.append((session, error))
    _note_scorers(config, chosen, scorer, ledger)
    name = choose_individual(config, [table for _, table, _ in chosen], individual, ledger)
    folders = {session.name: session for session in sessions}
    labelled = []
    for session, table, own_scorer in chosen:
        ledger.notes += [f"{table.path}: {note}" for note in table.notes]
        preferred = [person for person in (scorer, config.scorer, own_scorer) if person]
        try:
            selection = select_columns(table, config.skeleton.joints, preferred, name)
        except ValueError as error:
            failures.append((session, error))
            continue
        ledger.notes += [f"{table.path}: {note}" for note in selection.notes]
        for (what, remedy), number in selection.lost.items():
            ledger.lose(what, number, remedy)
        rows, notes = make_rows(table, selection.places, config.skeleton.num_joints, session, folders)
        ledger.notes += notes
        if rows:
            labelled.append((session, rows))
        else:
            reason = "no frame is labelled" if table.images else "the label table has no rows"
            ledger.leave_out(session.name, reason)
            ledger.notes.append(f"{table.path}: left out, {reason}")
    if failures and len(failures) == len(sessions):
        raise ValueError(str(failures[0][1]))
    for session, _ in failures:
        ledger.leave_out(session.name, "the label table cannot be read")
    return labelled, [Problem(session.name, None, str(error)) for session, error in failures]


def _note_scorers(config, chosen, scorer, ledger):
    """Notes which sessions are labelled by others, and a flag that no table fits."""
    in_files = {name for session, _, _ in chosen for name in session.tables}
    in_columns = {column.scorer for _, table, _ in chosen for column in table.columns}
    known = sorted((in_files | in_columns) - {""})
    wanted = scorer or config.scorer
    if scorer and find_name(scorer, known) is None:
        found = shorten_list(known, shown=8)
        if any(len(session.tables) > 1 for session, _, _ in chosen):
            raise ValueError(f"{config.path}: --scorer={scorer}: expected one of {found}")
        ledger.differ(f"found {found}", f"--scorer={scorer}: nobody of this name labelled what is read")
        wanted = config.scorer
    others = [(session.name, own) for session, _, own in chosen if wanted and find_name(own, [wanted]) is None]
    if others:
        chooser = "--scorer names" if wanted == scorer else f"{config.path}: the scorer is"
        people = shorten_list(sorted({own for _, own in others}))
        ledger.notes.append(
            f"{chooser} {wanted!r}; {count(len(others), 'session')} with labels of {people} alone "
            f"{'is' if len(others) == 1 else 'are'} read too: {shorten_list([name for name, _ in others])}"
        )
