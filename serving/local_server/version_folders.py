"""Finds the versions of a model on the disk."""

from __future__ import annotations

import contextlib
import os
import re

LARGEST_VERSION = 2**63 - 1  # the largest int64
_NUMBER = re.compile(r"[ \t\n\v\f\r]*(-?[0-9]+)[ \t\n\v\f\r]*")


def find_versions(base_path: str | os.PathLike[str]) -> dict[int, str]:
    """Finds the versions as TensorFlow Serving does: everything whose name is an int64, whatever it holds.

    White space around the number and zeros before it do not count; of two names with the same number, the last one in
    the order of their bytes does. A file or an empty folder is a version as well, which cannot be loaded.

    Args:
      base_path: folder of the model.

    Returns:
      Maps versions to folders.

    Raises:
      OSError: if `base_path` cannot be listed.
    """
    found = {}
    for name in sorted(os.listdir(base_path), key=os.fsencode):
        match = _NUMBER.fullmatch(name)
        if match and len(match[1]) < 1000 and -LARGEST_VERSION <= int(match[1]) <= LARGEST_VERSION:
            found[int(match[1])] = os.path.join(base_path, name)
    return found


def suggest_base_paths(base_path: str) -> list[str]:
    """Suggests folders that the user may have meant by one without versions: its subfolders and its parent.

    Args:
      base_path: the folder without versions.

    Returns:
      Those folders that hold versions with a model.
    """
    candidates = [entry.path for entry in os.scandir(base_path) if entry.is_dir()] + [os.path.dirname(base_path)]
    found = []
    for folder in candidates:
        with contextlib.suppress(OSError):
            versions = find_versions(folder).values()
            found += [folder] if any(os.path.isfile(os.path.join(v, "saved_model.pb")) for v in versions) else []
    return sorted(found)


def list_file_states(folder: str) -> list[tuple[str, str, int, int]]:
    """Returns (folder, name, time in ns, size) of all files of a version; it changes when a file is written."""
    stamp = []
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            with contextlib.suppress(OSError):
                state = os.stat(os.path.join(parent, name))
                stamp.append((parent, name, state.st_mtime_ns, state.st_size))
    return sorted(stamp)
