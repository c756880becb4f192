"""Groups of clips that resemble each other (a film, a person, a day): training never shares one with held-out clips.

Two clips of one film are almost the same picture. If one of them is trained on, the figure of the other says little
about new films. Importers say what they know in `Clip.group`; `--group_by` says the rest.
"""

from __future__ import annotations

import csv
import dataclasses
import os
import re
from collections.abc import Callable, Sequence

from keras_pose.data.clip import Clip
from keras_pose.data.importers.names import NameIndex
from keras_pose.data.importers.text_encoding import decode_text
from keras_pose.data.several_sources import original_session
from keras_pose.words import shorten_list

AUTO = "auto"
SESSION = "session"
# What a name has before its last number: `film_2` and `film_3` are of one film.
STEM_PATTERN = r"^(.*\D)\d+$"
_TABLES = (".csv", ".tsv")
_SHORTEST_NAME = 8
_FEWEST_STEMS = 3
_SHOWN = 5


def regroup(clips: Sequence[Clip], group_by: str, must_fit: bool = True) -> tuple[list[Clip], list[str]]:
    """Sets the groups of clips.

    Args:
      clips: the clips.
      group_by: auto (groups stay), session (each session alone), `<file.csv>:<column>` (the group of each name in the
        first column), or a regular expression that is searched in the names of sessions: its first group, or all
        that it matches, is the group.
      must_fit: whether a pattern or table must fit some name; otherwise groups stay if it fits none.

    Returns:
      The clips, and notes on names without a group, which stay alone.

    Raises:
      ValueError: for a table or a pattern that cannot be read, or that fits no name.
    """
    if group_by == AUTO:
        return list(clips), []
    if group_by == SESSION:
        return [dataclasses.replace(clip, group=clip.session) for clip in clips], []
    sessions = sorted({original_session(clip) for clip in clips})
    found = _look_up(group_by, sessions) if _is_table(group_by) else _match(group_by, sessions)
    place = f"--group_by={group_by}"
    if not found and not must_fit:
        return list(clips), []
    if not found:
        raise ValueError(f"{place}: expected a group of some clip, found none; clips are {list_names(sessions)}")
    alone = [name for name in sessions if name not in found]
    notes = [f"{place}: {len(alone)} clips have no group and stay alone: {list_names(alone)}"] if alone else []
    # The colon keeps groups apart from names of sessions that are alone.
    return [
        dataclasses.replace(clip, group=f"group:{found[name]}" if name in found else clip.session)
        for clip, name in ((clip, original_session(clip)) for clip in clips)
    ], notes


def check(group_by: str) -> None:
    """Checks that a table exists or a pattern can be read, before any data is.

    Raises:
      ValueError: as `regroup`, but for what depends on the clips.
    """
    if group_by not in (AUTO, SESSION):
        _look_up(group_by, []) if _is_table(group_by) else _match(group_by, [])


def is_named(clip: Clip) -> bool:
    """Whether a clip has a group that is more than its session."""
    return clip.group != clip.session


def count(clips: Sequence[Clip]) -> int:
    """Returns the number of groups of clips."""
    return len({clip.group for clip in clips})


def leave_out_shared(
    clips: Sequence[Clip], held_out: Sequence[Clip], part: str, tell: Callable[[str], None], only_named: bool = True
) -> list[Clip]:
    """Leaves out training clips that share a group with held-out clips.

    Sessions of different sources that have the same name count as one group, too. If groups are only sessions of the
    same name, clips stay, with a warning.

    Args:
      clips: the training clips.
      held_out: clips of the validation or test set.
      part: name of that set.
      tell: function that is told what was left out.
      only_named: whether to warn of equal sessions; False if frames of one session may be in both sets.

    Returns:
      The clips that are left.
    """
    named = {clip.group for clip in held_out if is_named(clip)}
    all_groups = {clip.group for clip in held_out}
    sources = {(clip.source, original_session(clip)) for clip in held_out}
    sessions = {session for _, session in sources}
    kept = []
    shared = []
    alike = set()
    for clip in clips:
        session = original_session(clip)
        of_group = clip.group in named or (is_named(clip) and clip.group in all_groups)
        elsewhere = session in sessions and (clip.source, session) not in sources
        if of_group or elsewhere:
            shared.append(clip)
            continue
        if clip.session in sessions and _is_telling(clip.session):
            alike.add(clip.session)
        kept.append(clip)
    if shared:
        frames = sum(clip.num_labelled for clip in shared)
        found = sorted({clip.group for clip in shared})
        tell(
            f"note: {len(shared)} training clips with {frames} labelled frames are left out: they share {len(found)} "
            f"groups with the {part} set ({list_names(found)}); --group_by=session keeps those of the same source"
        )
    if alike and only_named:
        tell(f"warning: training and {part} set have sessions of the same name: {list_names(sorted(alike))}")
    return kept


def warn_of_alike(train: Sequence[Clip], held_out: Sequence[Clip], part: str, tell: Callable[[str], None]) -> None:
    """Warns if names suggest that held-out clips have a film or a person in common with training clips.

    Names suggest it if they are equal but for the number at their end, what they have in common is long, and there are
    several such families of names: `clip_01`, `clip_02`, … are one family, which tells nothing.

    Args:
      train, held_out: clips without groups of their own; others are not looked at.
      part: name of the held-out set.
      tell: function that is told the warning.
    """
    known = {original_session(clip) for clip in (*train, *held_out) if not is_named(clip)}
    stems = {name: found[1] for name in known for found in [re.search(STEM_PATTERN, name)] if found}
    families: dict[str, int] = {}
    for stem in stems.values():
        families[stem] = families.get(stem, 0) + 1
    telling = {stem for stem, number in families.items() if 1 < number <= len(known) / 2 and _is_telling(stem)}
    if len(families) < _FEWEST_STEMS or not telling:
        return
    of_train = {stems.get(original_session(clip)) for clip in train if not is_named(clip)}
    sessions = {original_session(clip) for clip in held_out if not is_named(clip)}
    shared = [name for name in sorted(sessions) if stems.get(name) in telling & of_train]
    if shared:
        tell(
            f"warning: {len(shared)} of {len(sessions)} {part} clips have the name of a training clip but for the "
            f"number at its end ({list_names(shared)}); if these are of one film or person, figures are too good: "
            f"--group_by='{STEM_PATTERN}' keeps such clips together"
        )


def _is_telling(name):
    """Whether a name is long enough to be that of a film or a person rather than `list` or `IMG_`."""
    return sum(map(str.isalnum, name)) >= _SHORTEST_NAME


def _is_table(group_by):
    return group_by.rpartition(":")[0].lower().endswith(_TABLES)


def _look_up(group_by, sessions):
    """Returns {session: group} from a column of a table; names may differ in their Unicode form or in capitals."""
    path, _, column = group_by.rpartition(":")
    place = f"--group_by={group_by}"
    if not os.path.isfile(path):
        raise ValueError(f"{place}: {path}: no such file; expected a table with clip names in its first column")
    with open(path, "rb") as file:
        data = file.read()
    try:
        text, _ = decode_text(data)
        rows = list(csv.reader(text.splitlines(), delimiter="\t" if path.lower().endswith(".tsv") else ","))
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{place}: {path}: {error}") from error
    head = rows[0] if rows else []
    if column not in head[1:]:
        raise ValueError(f"{place}: {path}:1: expected a column {column!r} behind the names, found {', '.join(head)}")
    place_of = head.index(column)
    known = NameIndex(sessions)
    found = {}
    for number, row in enumerate(rows[1:], 2):
        if not row:
            continue
        if len(row) <= place_of:
            raise ValueError(f"{place}: {path}:{number}: expected {len(head)} columns, received {len(row)}")
        session = known.find(row[0])
        if session is not None and row[place_of].strip():
            found[session] = row[place_of].strip()
    return found


def _match(pattern, sessions):
    """Returns {session: group} by a regular expression."""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(
            f"--group_by={pattern}: expected {AUTO}, {SESSION}, <file.csv>:<column> or a regular expression: {error}"
        ) from error
    matches = {name: compiled.search(name) for name in sessions}
    found = {name: (match[1] if compiled.groups else match[0]) for name, match in matches.items() if match}
    return {name: group for name, group in found.items() if group}


def list_names(names: Sequence[str]) -> str:
    """Returns the first of these names without what marks a group, and how many more there are."""
    return shorten_list([name.removeprefix("group:") for name in names], shown=_SHOWN)
