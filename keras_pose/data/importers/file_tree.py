"""Looks for files by name in given folders, then anywhere below a folder.

Folders are listed once, so thousands of names cost little. No pattern is made of a name.
"""

from __future__ import annotations

import collections
import dataclasses
import os
from collections.abc import Hashable, Mapping, Sequence

from keras_pose.data.importers.written_names import clean_name, count_shared_parts, fold_name, name_forms


@dataclasses.dataclass(frozen=True)
class Found:
    """Where a name was found.

    Args:
      path: path of the file; empty if it was not found.
      message: why it was not found although such files exist; empty otherwise.
      by_name: whether only the end of the name led to the file.
    """

    path: str = ""
    message: str = ""
    by_name: bool = False


class FileTree:
    """A folder with the places below it where files are expected.

    Args:
      top: the folder.
      places: folders in which names are looked up, in this order; folders that do not exist are ignored.

    Attributes:
      top: the folder.
      places: those of the places that exist.
    """

    def __init__(self, top: str, places: Sequence[str]) -> None:
        self.top = top
        self.places = [place for place in dict.fromkeys(places) if not place or os.path.isdir(place)]
        self._listings: dict[str, frozenset[str]] = {}

    def find(self, names: Mapping[Hashable, Sequence[str]], absolute: bool) -> dict[Hashable, Found]:
        """Looks for many files: by their whole names, then by the ends of absolute names, then by file name.

        Args:
          names: for each key, the names of one file, the best first.
          absolute: whether absolute names are also looked up as they are.

        Returns:
          `Found` for each key that has a file, or several that could be meant.
        """
        found: dict[Hashable, Found] = {}
        for key, alternatives in names.items():
            place = self._look_up(alternatives, absolute)
            if place:
                found[key] = place
        rest = {key: names[key] for key in names if key not in found}
        if rest:
            known = {os.path.dirname(clean_name(names[key][0])) for key in found if not found[key].by_name}
            index = self._index(
                {fold_name(clean_name(name)) for alternatives in rest.values() for name in alternatives}
            )
            for key, alternatives in rest.items():
                place = _choose_by_name(alternatives, index, known)
                if place:
                    found[key] = place
        return found

    def _look_up(self, alternatives, absolute):
        for name in alternatives:
            for form in name_forms(name):
                path = self._find_whole(form, absolute)
                if path:
                    return Found(path)
            for form in name_forms(name):
                parts = form.split("/") if form.startswith("/") else []
                for start in range(1, len(parts)):
                    path = self._find_whole(os.path.join(*parts[start:]), absolute)
                    if path:
                        return Found(path, by_name=True)
        return None

    def _find_whole(self, form, absolute):
        if os.path.isabs(form) or form.startswith("/"):
            return form if absolute and self._holds(form) else ""
        paths = (os.path.join(place, form) for place in self.places)
        return next((path for path in paths if self._holds(path)), "")

    def _holds(self, path):
        folder, name = os.path.split(path)
        if folder not in self._listings:
            try:
                with os.scandir(folder or ".") as entries:
                    self._listings[folder] = frozenset(entry.name for entry in entries if entry.is_file())
            except (OSError, ValueError):  # ValueError: a zero byte, or half of a surrogate pair
                self._listings[folder] = frozenset()
        return name in self._listings[folder]

    def _index(self, wanted):
        """Returns the paths of all files below the top whose folded name is wanted, by this name."""
        index = collections.defaultdict(list)
        for folder, names in _walk(self.top):
            for name in names:
                if fold_name(name) in wanted:
                    index[fold_name(name)].append(os.path.join(folder, name))
        return index


def _choose_by_name(alternatives, index, known_folders):
    """Returns the file with this name that shares most folders with it, or None.

    If other files of its folder were found in that folder, a file of the same name elsewhere is another one.
    """
    for name in map(clean_name, alternatives):
        paths = index.get(fold_name(name), [])
        paths = [path for path in paths if os.path.basename(path) == os.path.basename(name)] or paths
        lengths = [count_shared_parts(path, name) for path in paths]
        longest = max(lengths, default=0)
        whole = len(name.strip("/").split("/"))
        if os.path.dirname(name) in known_folders and 1 < whole != longest:
            continue
        best = [path for path, length in zip(paths, lengths) if length == longest]
        if len(best) > 1:
            return Found("", f"{alternatives[0]!r} can be {best[0]} or {best[1]}; choose its folder with --image_dir")
        if best:
            return Found(best[0], by_name=True)
    return None


def _walk(top):
    """Yields (folder, names of its files) below a folder, each folder once, also through links; none that is hidden."""
    seen = set()
    for folder, folders, names in os.walk(top or ".", followlinks=True):
        try:
            status = os.stat(folder)
        except OSError:
            folders.clear()
            continue
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield folder, sorted(names)
