"""What a command leaves: the files of its folder by name, and which of them two undisturbed runs write alike."""

from __future__ import annotations

import hashlib
import os
import pathlib
from collections.abc import Mapping

HIDDEN = "."  # how the names of unfinished files and of parts begin


def read_files(folder: pathlib.Path) -> dict[str, str]:
    """Returns {path inside the folder: SHA-256} of all files."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = pathlib.Path(place, name)
            found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def keep_equal(first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, str]:
    """Returns the files that are equal in both: those without times and process numbers in them."""
    return {name: digest for name, digest in first.items() if second.get(name) == digest}


def find_unfinished(folder: pathlib.Path) -> list[str]:
    """Returns the hidden files and folders: what was being written, and parts of what is not finished."""
    found = []
    for place, folders, names in os.walk(folder):
        found += [os.path.join(place, name) for name in [*folders, *names] if name.startswith(HIDDEN)]
    return sorted(os.path.relpath(path, folder) for path in found)


def find_differences(expected: Mapping[str, str], folder: pathlib.Path) -> list[str]:
    """Returns what is missing, differs or is unfinished in a folder after a command has ended, a line each.

    Args:
      expected: the files that must be equal.
      folder: what the command wrote.
    """
    found = read_files(folder)
    faults = [f"{name} is missing" for name in expected if name not in found]
    faults += [f"{name} differs" for name, digest in expected.items() if found.get(name, digest) != digest]
    return faults + [f"{name} is left over" for name in find_unfinished(folder)]
