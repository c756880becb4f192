"""Splits clips into training, validation and test. The same seed gives the same split on every machine.

The choice follows from a hash of seed, clip and frame, not from a random generator: it is the same with all versions of
NumPy, and does not depend on the order of the clips.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Mapping, Sequence

from keras_pose.data.clip import Clip
from keras_pose.data.importers.names import NameIndex
from keras_pose.data.importers.text_encoding import decode_text
from keras_pose.words import shorten_list

_COMMENT = "#"
_SHOWN = 20


def cut_validation(clips: Sequence[Clip], fraction: float, seed: int) -> tuple[list[Clip], list[Clip]]:
    """Keeps a part of the clips for validation.

    If there are several groups (`Clip.group`: films, people; usually the session, which is usually a clip), whole
    groups are kept, at least one: frames of a group look alike, so a frame of a group that is also trained on says
    little. If there is only one group, whole sessions are kept, and if there is only one session, some of its frames.

    Args:
      clips: the clips to split.
      fraction: 0 to below 1, of the groups, sessions or labelled frames; 0: none are kept. If groups are more than
        sessions, it is of the frames: groups are kept until they have about as many.
      seed: seed of the choice.

    Returns:
      (training clips, validation clips), each in the given order.

    Raises:
      ValueError: for a fraction out of range, or if nothing would be left to train on.
    """
    _check_fraction("validation fraction", fraction)
    if fraction == 0:
        return list(clips), []
    sessions = list(dict.fromkeys(clip.session for clip in clips))
    groups = list(dict.fromkeys(clip.group for clip in clips))
    if len(sessions) == 1:
        return split_frames(clips, fraction, seed)
    if 1 < len(groups) < len(sessions):
        chosen = _choose_groups(clips, groups, fraction, seed)
        return [c for c in clips if c.group not in chosen], [c for c in clips if c.group in chosen]
    chosen = _choose(sessions, fraction, seed, "clips")
    return [c for c in clips if c.session not in chosen], [c for c in clips if c.session in chosen]


def cut_test(clips: Sequence[Clip], fraction: float, seed: int) -> tuple[list[Clip], list[Clip]]:
    """Splits whole groups if clips have some that are more than their sessions; otherwise as `split_frames`."""
    groups = {clip.group for clip in clips}
    if any(clip.group != clip.session for clip in clips) and len(groups) > 1:
        return cut_validation(clips, fraction, seed)
    return split_frames(clips, fraction, seed)


def split_frames(clips: Sequence[Clip], test_fraction: float, seed: int) -> tuple[list[Clip], list[Clip]]:
    """Splits single labelled frames, for projects of images without neighbours.

    Args:
      clips: the clips to split.
      test_fraction: 0 to below 1, of all labelled frames together; if it is above 0, at least one frame is tested.
      seed: seed of the choice.

    Returns:
      (training clips, test clips); a clip with frames of both kinds is in both, each time with the rows of that kind.

    Raises:
      ValueError: for a fraction out of range, or fewer than two labelled frames.
    """
    _check_fraction("test fraction", test_fraction)
    if test_fraction == 0:
        return list(clips), []
    # Several people of one picture are several clips, and stay together.
    frames = list(dict.fromkeys((clip.session, int(position)) for clip in clips for position in clip.labelled))
    chosen = _choose(frames, test_fraction, seed, "labelled frames")
    train = []
    test = []
    for clip in clips:
        is_test = [(clip.session, int(position)) in chosen for position in clip.labelled]
        if not all(is_test):
            train.append(clip.select([row for row, tested in enumerate(is_test) if not tested]))
        if any(is_test):
            test.append(clip.select([row for row, tested in enumerate(is_test) if tested]))
    return train, test


def read_clip_names(file: str | os.PathLike[str]) -> dict[str, str]:
    """Reads clip names, one per line; blank lines are ignored.

    Args:
      file: path of the file, in UTF-8, UTF-16 (as PowerShell writes lists) or Latin-1.

    Returns:
      {name: `file:line`} in the order of the file. Lines that begin with # are comments, but also in it, last: a clip
      may have such a name (`select_clips`).

    Raises:
      ValueError: if the file is missing, is not text, or has no names.
    """
    path = os.fspath(file)
    if not os.path.isfile(path):
        raise ValueError(f"{path}: expected a file of clip names, one per line, found no such file")
    with open(path, "rb") as lines:
        data = lines.read()
    try:
        text, _ = decode_text(data)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    names: dict[str, str] = {}
    comments: dict[str, str] = {}
    for number, line in enumerate(re.split("\r\n|\r|\n", text), 1):
        if line.strip():
            found = comments if line.lstrip().startswith(_COMMENT) else names
            found.setdefault(line.strip(), f"{path}:{number}")
    if not names:
        raise ValueError(f"{path}: expected clip names, one per line, found none")
    return {**names, **comments}


def select_clips(clips: Sequence[Clip], names: Collection[str] | Mapping[str, str]) -> list[Clip]:
    """Returns the clips of the sessions with these names (`Clip.session`), in the order of `clips`.

    Args:
      clips: the clips to choose from.
      names: names, or {name: place} as from `read_clip_names`. A name may differ from that of the session in its
        Unicode form, or in upper and lower case, if it fits only one. A name that begins with # and fits none is
        ignored, as a comment.

    Raises:
      ValueError: for an unknown name; the message gives its place and lists the known names.
    """
    known = NameIndex(sorted({clip.session for clip in clips}))
    chosen = set()
    for name in names:
        session = known.find(name)
        if session is not None:
            chosen.add(session)
        elif not name.startswith(_COMMENT):
            place = f"{names[name]}: " if isinstance(names, Mapping) else ""
            raise ValueError(f"{place}unknown clip {name!r}, expected one of {shorten_list(known.names, shown=_SHOWN)}")
    return [clip for clip in clips if clip.session in chosen]


def _choose(keys, fraction, seed, what):
    if len(keys) < 2:
        raise ValueError(f"expected at least 2 {what} to split, received {len(keys)}")
    count = min(max(round(fraction * len(keys)), 1), len(keys) - 1)
    return set(_in_hash_order(keys, seed)[:count])


def _choose_groups(clips, groups, fraction, seed):
    """Groups in the order of their hashes, until one more would lead further away from the fraction of the frames."""
    frames = dict.fromkeys(groups, 0)
    for clip in clips:
        frames[clip.group] += clip.num_labelled
    wanted = fraction * sum(frames.values())
    chosen: set[str] = set()
    total = 0
    for group in _in_hash_order(groups, seed)[: len(groups) - 1]:
        if chosen and abs(total + frames[group] - wanted) >= abs(total - wanted):
            continue
        chosen.add(group)
        total += frames[group]
    return chosen


def _in_hash_order(keys, seed):
    return sorted(keys, key=lambda key: hashlib.sha256(repr((int(seed), key)).encode()).digest())


def _check_fraction(name, fraction):
    if not 0 <= fraction < 1:
        raise ValueError(f"{name}: expected 0 to below 1, received {fraction}")
