"""The versions of a model as they lie on the disk."""

from __future__ import annotations

import contextlib
import os
import re

LARGEST_VERSION = 2**63 - 1  # an int64


def find_versions(base_path):
    """Finds what can be a version: a folder whose name is a number and that holds `saved_model.pb`.

    Args:
      base_path: str.

    Returns:
      Dict of version (int) to folder (str).

    Raises:
      OSError: where `base_path` cannot be listed.
    """
    found = {}
    for name in sorted(os.listdir(base_path)):
        folder = os.path.join(base_path, name)
        if not re.fullmatch("[0-9]{1,19}", name) or int(name) > LARGEST_VERSION:
            continue
        if os.path.isfile(os.path.join(folder, "saved_model.pb")):
            found[int(name)] = folder
    return found


def find_models_near(base_path):
    """Finds what may have been meant by a folder without versions: folders inside it, or the one it lies in.

    Args:
      base_path: str.

    Returns:
      List of str, folders that do hold versions.
    """
    near = [entry.path for entry in os.scandir(base_path) if entry.is_dir()] + [os.path.dirname(base_path)]
    found = []
    for folder in near:
        with contextlib.suppress(OSError):
            found += [folder] if find_versions(folder) else []
    return sorted(found)


def stamp_of(folder):
    """Returns times and sizes of all files of a version: changes when one is written."""
    stamp = []
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            with contextlib.suppress(OSError):
                state = os.stat(os.path.join(parent, name))
                stamp.append((parent, name, state.st_mtime_ns, state.st_size))
    return sorted(stamp)
