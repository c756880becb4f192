"""Splits clips into training, validation and test. The same seed gives the same split on every machine.

The choice follows from a hash of seed, clip and frame, not from a random generator: it is the same with all versions of
NumPy, and does not depend on the order of the clips.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping, Sequence

from keras_pose import files
from keras_pose.data.clip import Clip


def cut_validation(clips: Sequence[Clip], fraction: float, seed: int) -> tuple[list[Clip], list[Clip]]:
    """Keeps a part of the clips for validation.

    If there are several sessions (`Clip.session`, usually a clip), whole sessions are kept, at least one: neighbouring
    frames look alike, so a frame of a session that is also trained on says little. If there is only one session, some
    of its frames are kept.

    Args:
      clips: the clips to split.
      fraction: 0 to below 1, of the sessions or of the labelled frames; 0: none are kept.
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
    if len(sessions) == 1:
        return split_frames(clips, fraction, seed)
    chosen = _choose(sessions, fraction, seed, "clips")
    return [c for c in clips if c.session not in chosen], [c for c in clips if c.session in chosen]


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
    frames = [(clip.session, int(position)) for clip in clips for position in clip.labelled]
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
    """Reads clip names, one per line; blank lines and lines that begin with # are ignored.

    Args:
      file: path of the file.

    Returns:
      {name: `file:line`} in the order of the file.

    Raises:
      ValueError: if the file is missing, is not text, or has no names.
    """
    path = os.fspath(file)
    if not os.path.isfile(path):
        raise ValueError(f"{path}: expected a file of clip names, one per line, found no such file")
    names: dict[str, str] = {}
    for number, line in enumerate(files.read_text(path).split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            names.setdefault(line.strip(), f"{path}:{number}")
    if not names:
        raise ValueError(f"{path}: expected clip names, one per line, found none")
    return names


def select_clips(clips: Sequence[Clip], names: Collection[str] | Mapping[str, str]) -> list[Clip]:
    """Returns the clips of the sessions with these names (`Clip.session`), in the order of `clips`.

    Args:
      clips: the clips to choose from.
      names: names, or {name: place} as from `read_clip_names`.

    Raises:
      ValueError: for an unknown name; the message gives its place and lists the known names.
    """
    known = sorted({clip.session for clip in clips})
    for name in names:
        if name not in known:
            place = f"{names[name]}: " if isinstance(names, Mapping) else ""
            raise ValueError(f"{place}unknown clip {name!r}, expected one of {', '.join(known)}")
    return [clip for clip in clips if clip.session in names]


def _choose(keys, fraction, seed, what):
    if len(keys) < 2:
        raise ValueError(f"expected at least 2 {what} to split, received {len(keys)}")
    count = min(max(round(fraction * len(keys)), 1), len(keys) - 1)
    return set(sorted(keys, key=lambda key: hashlib.sha256(repr((int(seed), key)).encode()).digest())[:count])


def _check_fraction(name, fraction):
    if not 0 <= fraction < 1:
        raise ValueError(f"{name}: expected 0 to below 1, received {fraction}")
