"""Names of the files that are written for videos: that of the video, made longer if two videos share one."""

from __future__ import annotations

import collections
import hashlib
import os
from collections.abc import Mapping, Sequence


def name_videos(paths: Sequence[str], taken: Mapping[str, str] | None = None) -> list[str]:
    """Returns a name for each video.

    A name is that of the file without its ending. Where several videos would have the same one, the names of the
    folders above are put in front, as many as it takes, and then the ending behind.

    Args:
      paths: paths of the videos, all different.
      taken: absolute paths of videos that have been named before, by name. They keep their names.
    """
    absolute = [os.path.abspath(path) for path in paths]
    known = {path: name for name, path in (taken or {}).items()}
    depths = dict.fromkeys((path for path in absolute if path not in known), 0)
    while True:
        names = {path: known[path] if path in known else _name(path, depths[path]) for path in {*absolute, *known}}
        counts = collections.Counter(name.casefold() for name in names.values())
        repeated = [path for path in depths if counts[names[path].casefold()] > 1]
        if not repeated:
            return [names[path] for path in absolute]
        for path in repeated:
            depths[path] += 1


def _name(path, depth):
    parts = path.split(os.sep)
    stem, ending = os.path.splitext(parts[-1])
    folders = [part for part in parts[:-1] if part]
    above = folders[max(0, len(folders) - depth) :] if depth else []
    extra = depth - len(folders)  # no folders are left: the ending, and then a digest, tell videos apart
    if extra > 0:
        stem += ending.replace(".", "_")
    if extra > 1:
        stem += "_" + hashlib.sha256(path.encode(errors="surrogateescape")).hexdigest()[: 4 * extra]
    return "_".join([*above, stem])
