"""Chooses the columns of a label table that are read: one scorer, one individual, the body parts of config.yaml.

Whatever is not chosen is counted, so that no label is left out without a word.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Sequence

from keras_pose.data.importers.deeplabcut.table import UNIQUE, Table
from keras_pose.data.importers.names import find_name
from keras_pose.words import count, shorten_list, write_flag


@dataclasses.dataclass
class Selection:
    """The columns that are read.

    Args:
      places: (column of the table, joint, axis) of each.
      lost: {(what was not read, how to read it): number}, for the summary.
      notes: what is unusual, without the name of the file.
    """

    places: list[tuple[int, int, int]]
    lost: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    notes: list[str] = dataclasses.field(default_factory=list)

    @property
    def columns(self) -> list[int]:
        """The columns of the table that are read."""
        return [c for c, _, _ in self.places]


def choose_scorer(table: Table, preferred: Sequence[str]) -> list[int]:
    """Returns the columns of positions by one scorer, or all if no two scorers labelled the same part.

    Args:
      table: the table.
      preferred: names of scorers; the first that the table has is taken.

    Raises:
      ValueError: if several scorers labelled the same part, and none of them is preferred.
    """
    positions = [c for c, column in enumerate(table.columns) if column.is_position]
    by_name = collections.defaultdict(set)
    for c in positions:
        column = table.columns[c]
        by_name[column.individual, column.part, column.coordinate].add(column.scorer)
    if all(len(found) == 1 for found in by_name.values()):
        return positions
    scorers = sorted(set().union(*by_name.values()))
    for name in preferred:
        chosen = find_name(name, scorers)
        if chosen is not None:
            return [c for c in positions if table.columns[c].scorer == chosen]
    raise ValueError(
        f"{table.path}: expected the labels of one scorer, found columns of {', '.join(map(repr, scorers))}; "
        f"choose one with --scorer"
    )


def select_columns(table: Table, parts: Sequence[str], preferred: Sequence[str], individual: str = "") -> Selection:
    """Chooses the columns to read.

    Args:
      table: the table.
      parts: J names of body parts, in the order of the joints.
      preferred: names of scorers; see `choose_scorer`.
      individual: name of the individual to read, besides the parts that exist once; empty: the table has only one.

    Raises:
      ValueError: if a part has x or y without the other or twice, if none of the parts is in the table, or several
        scorers labelled the same part and none is preferred.
    """
    own = choose_scorer(table, preferred)
    selection = Selection([])
    _count_others(table, own, selection)
    mine = [c for c in own if table.columns[c].individual in ("", UNIQUE, individual)]
    for other in dict.fromkeys(table.columns[c].individual for c in own if c not in mine):
        labels = _count_labels(table, [c for c in own if table.columns[c].individual == other])
        selection.lost[f"labels of the individual {other!r}", write_flag("individual", other)] += labels
    by_part = collections.defaultdict(list)
    for c in mine:
        by_part[table.columns[c].part].append(c)
    for name, part in _match_parts(table, by_part, parts, selection).items():
        selection.places += _pair(table, name, by_part[name], parts.index(part), individual, selection)
    missing = [part for j, part in enumerate(parts) if j not in {joint for _, joint, _ in selection.places}]
    if len(missing) == len(parts):
        found = ", ".join(by_part) or "no body part"
        raise ValueError(f"{table.path}: expected body parts of config.yaml ({', '.join(parts)}), found {found}")
    if missing:
        selection.notes.append(f"{shorten_list(missing)}: not in the table, so unlabelled")
    return selection


def _count_others(table, own, selection):
    """Counts what is not the x or y of a part, and the labels of other scorers."""
    likelihoods = 0
    nameless = 0
    others = collections.defaultdict(list)
    for c, column in enumerate(table.columns):
        if column.is_position:
            if c not in own:
                others[column.scorer].append(c)
        elif column.part and column.coordinate:
            likelihoods += 1
        elif table.labelled_rows([c]).any():
            nameless += 1
    for scorer, columns in others.items():
        selection.lost[f"labels of the scorer {scorer!r}", write_flag("scorer", scorer)] += _count_labels(
            table, columns
        )
    if likelihoods:
        names = sorted({c.coordinate for c in table.columns if c.part and c.coordinate and not c.is_position})
        selection.notes.append(
            f"left out {count(likelihoods, 'column')} of {shorten_list(names)}, which is no position"
        )
    if nameless:
        selection.notes.append(f"left out {count(nameless, 'column')} without a body part in the header")
        selection.lost["columns without a body part", "name it in the header"] += nameless


def _match_parts(table, by_name, parts, selection):
    """Returns {name in the table: body part}; every part once, and the best spelling first."""
    matched: dict[str, str] = {}
    for name in sorted(by_name, key=lambda name: name not in parts):
        part = find_name(name, parts)
        if part is None or part in matched.values():
            labels = _count_labels(table, by_name[name])
            selection.notes.append(
                f"left out {name!r} ({count(labels, 'label')}), which is not a body part in config.yaml"
            )
            selection.lost[
                f"labels of {name!r}, which config.yaml does not list", "add it to the body parts there"
            ] += labels
            continue
        if part != name:
            selection.notes.append(f"{name!r} is read as the body part {part!r}")
        matched[name] = part
    return matched


def _pair(table, name, columns, joint, individual, selection):
    """The places of a part: its x and its y. A part of the individual goes before one that exists once."""
    if any(table.columns[c].individual == individual for c in columns):
        rest = [c for c in columns if table.columns[c].individual != individual]
        columns = [c for c in columns if c not in rest]
        if rest:
            labels = _count_labels(table, rest)
            selection.lost[f"labels of {name!r} without an individual", "name the individual in the header"] += labels
    found = [table.columns[c].coordinate for c in columns]
    every = {c.coordinate for c in table.columns if c.part == name and c.coordinate} - {"likelihood"}
    if sorted(set(found)) != ["x", "y"]:
        wrong = sorted(every - {"x", "y"}) or sorted(every)
        raise ValueError(
            f"{table.path}: body part {name!r}: expected the coordinates x and y, found {', '.join(map(repr, wrong))}"
        )
    if len(found) > 2:
        raise ValueError(f"{table.path}: expected x and y of each body part once, found {name!r} {len(found)} times")
    return [(c, joint, "xy".index(table.columns[c].coordinate)) for c in columns]


def _count_labels(table, columns):
    """Counts labels: the parts, over all rows, of which these columns give a position."""
    by_part = collections.defaultdict(list)
    for c in columns:
        by_part[dataclasses.replace(table.columns[c], coordinate="")].append(c)
    return sum(int(table.labelled_rows(members).sum()) for members in by_part.values())
