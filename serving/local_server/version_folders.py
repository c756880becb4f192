"""Finds the versions of a model on the disk."""

from __future__ import annotations

import contextlib
import os
import re

LARGEST_VERSION = 2**63 - 1  # the largest int64


def find_versions(base_path: str | os.PathLike[str]) -> dict[int, str]:
    """Finds the versions: folders whose name is a number and that hold `saved_model.pb`.

    Args:
      base_path: folder of the model.

    Returns:
      Maps versions to folders.

    Raises:
      OSError: if `base_path` cannot be listed.
    """
    found = {}
    for name in sorted(os.listdir(base_path)):
        folder = os.path.join(base_path, name)
        if not re.fullmatch("[0-9]{1,19}", name) or int(name) > LARGEST_VERSION:
            continue
        if os.path.isfile(os.path.join(folder, "saved_model.pb")):
            found[int(name)] = folder
    return found


def suggest_base_paths(base_path: str) -> list[str]:
    """Suggests folders that the user may have meant by one without versions: its subfolders and its parent.

    Args:
      base_path: the folder without versions.

    Returns:
      Those folders that do hold versions.
    """
    candidates = [entry.path for entry in os.scandir(base_path) if entry.is_dir()] + [os.path.dirname(base_path)]
    found = []
    for folder in candidates:
        with contextlib.suppress(OSError):
            found += [folder] if find_versions(folder) else []
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
