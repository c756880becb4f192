"""Cuts clips into training, validation and test, the same way for the same seed everywhere.

The order comes from a hash of seed, clip and frame, not from a random generator: it is the same on all versions of
NumPy, and does not depend on the order in which clips are found.
"""

from __future__ import annotations

import hashlib
import os


def cut_validation(clips, fraction, seed):
    """Keeps a part of the clips for validation.

    Where there are several clips, whole ones are kept, at least one: neighbouring frames look alike, and a frame of a
    clip that is trained on says little. Of a single clip, frames are kept.

    Args:
      clips: list of `Clip`.
      fraction: 0 to below 1, of the clips or of the labelled frames; 0: none is kept.
      seed: int.

    Returns:
      (training clips, validation clips), each in the given order.

    Raises:
      ValueError: for a fraction out of range, or where nothing would be left to train on.
    """
    _check_fraction("validation fraction", fraction)
    if fraction == 0:
        return list(clips), []
    if len(clips) == 1:
        return split_frames(clips, fraction, seed)
    chosen = _choose([clip.name for clip in clips], fraction, seed, "clips")
    return [c for c in clips if c.name not in chosen], [c for c in clips if c.name in chosen]


def split_frames(clips, test_fraction, seed):
    """Splits single labelled frames, for projects of images without neighbours.

    Args:
      clips: list of `Clip`.
      test_fraction: 0 to below 1, of all labelled frames together; at least one frame is tested.
      seed: int.

    Returns:
      (training clips, test clips); a clip with frames of both stands in both, with its own rows.

    Raises:
      ValueError: for a fraction out of range, or fewer than two labelled frames.
    """
    _check_fraction("test fraction", test_fraction)
    if test_fraction == 0:
        return list(clips), []
    frames = [(clip.name, int(position)) for clip in clips for position in clip.labelled]
    chosen = _choose(frames, test_fraction, seed, "labelled frames")
    parts = []
    for wanted in (False, True):
        rows = [[((c.name, int(p)) in chosen) == wanted for p in c.labelled] for c in clips]
        parts.append(
            [clip.select([i for i, r in enumerate(keep) if r]) for clip, keep in zip(clips, rows) if any(keep)]
        )
    return tuple(parts)


def read_clip_names(file) -> dict[str, str]:
    """Reads clip names, one a line; blank lines and lines that begin with # are left out.

    Args:
      file: str or path-like.

    Returns:
      {name: `file:line`} in the order of the file.

    Raises:
      ValueError: where the file is missing or names no clip.
    """
    path = os.fspath(file)
    if not os.path.isfile(path):
        raise ValueError(f"{path}: expected a file of clip names, one a line, found no such file")
    names = {}
    with open(path, encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.lstrip().startswith("#"):
                names.setdefault(line.strip(), f"{path}:{number}")
    if not names:
        raise ValueError(f"{path}: expected clip names, one a line, found none")
    return names


def select_clips(clips, names):
    """Returns the clips of these names, in the order of `clips`.

    Args:
      clips: list of `Clip`.
      names: names, or {name: where it stands} of `read_clip_names`.

    Raises:
      ValueError: for an unknown name; the message tells where it stands and lists the known ones.
    """
    known = sorted(clip.name for clip in clips)
    for name in names:
        if name not in known:
            where = f"{names[name]}: " if hasattr(names, "items") else ""
            raise ValueError(f"{where}unknown clip {name!r}, expected one of {', '.join(known)}")
    return [clip for clip in clips if clip.name in names]


def _choose(keys, fraction, seed, what):
    if len(keys) < 2:
        raise ValueError(f"expected at least 2 {what} to split, received {len(keys)}")
    count = min(max(round(fraction * len(keys)), 1), len(keys) - 1)
    return set(sorted(keys, key=lambda key: hashlib.sha256(repr((int(seed), key)).encode()).digest())[:count])


def _check_fraction(name, fraction):
    if not 0 <= fraction < 1:
        raise ValueError(f"{name}: expected 0 to below 1, received {fraction}")
