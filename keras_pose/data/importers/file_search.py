"""Finds the images and videos that an annotation file names, wherever its tool has put them.

A name is looked up in this order:

1. in `image_dir`, if it is given;
2. in the folder of the annotation file, in its subfolders `images/` and `data/`, and in folders of the name of the split
   in each of these (`train2017` for `person_keypoints_train2017.json`);
3. in the same places of the data set, if the annotation file lies in a folder `annotations/` or `labels/`: the folder
   above it;
4. by its file name alone, in any subfolder of `image_dir` or of the data set. Of several such files, the one that shares
   the most folders with the name is taken.

Names can be relative or absolute paths, have backslashes or %20, or be addresses (https://…, /data/local-files/?d=…).
Folders are listed once, so thousands of names cost little. No pattern is made of a name.
"""

from __future__ import annotations

import collections
import dataclasses
import os
import posixpath
import re
import unicodedata
import urllib.parse
from collections.abc import Hashable, Mapping, Sequence

_MEDIA_FOLDERS = ("", "images", "data")
_LABEL_FOLDERS = ("annotations", "labels")


@dataclasses.dataclass(frozen=True)
class Found:
    """Where a name was found.

    Args:
      path: path of the file; empty if it was not found.
      message: why it was not found; empty if it was.
      by_name: whether only the end of the name led to the file.
    """

    path: str
    message: str = ""
    by_name: bool = False


class FileSearch:
    """Looks for the files that an annotation file names.

    Args:
      label_file: path of the annotation file.
      image_dir: folder to search first; empty for none.

    Attributes:
      folders: the folders in which names are looked up, in this order.

    Raises:
      ValueError: if `image_dir` is not a folder.
    """

    def __init__(self, label_file: str, image_dir: str = "") -> None:
        if image_dir and not os.path.isdir(image_dir):
            raise ValueError(f"--image_dir={image_dir}: expected a folder, found no such folder")
        folder = os.path.dirname(label_file)
        root = _data_set_folder(folder)
        splits = _split_names(label_file)
        tops = [image_dir] if image_dir else []
        places = [*tops, *(os.path.join(image_dir, split) for split in splits)] if image_dir else []
        for top in (folder, root):
            for middle in _MEDIA_FOLDERS:
                below = os.path.join(top, middle) if middle else top
                places += [below, *(os.path.join(below, split) for split in splits)]
        self.folders = [place for place in dict.fromkeys(places) if not place or os.path.isdir(place)]
        self._tops = list(dict.fromkeys([*tops, root]))
        self._listings: dict[str, frozenset[str]] = {}

    def find(self, names: Mapping[Hashable, Sequence[str]]) -> dict[Hashable, Found]:
        """Looks for many files.

        Args:
          names: for each key, the names of one file, the best first; at least one.

        Returns:
          `Found` for each key. A file found by name alone belongs to one name only: if another name stands for the same
          file, it counts as not found.
        """
        found: dict[Hashable, Found] = {}
        for key, alternatives in names.items():
            place = self._look_up(alternatives)
            if place:
                found[key] = place
        rest = [key for key in names if key not in found]
        if rest:
            folders = {posixpath.dirname(_clean(names[key][0])) for key in found if not found[key].by_name}
            index = self._index({_fold(_clean(name)) for key in rest for name in names[key]})
            for key in rest:
                found[key] = self._search(names[key], index, folders)
        _refuse_shared_files(names, found)
        return found

    def _look_up(self, alternatives):
        for name in alternatives:
            forms = list(dict.fromkeys([name, _clean(name, unquote=False), _clean(name)]))
            for form in forms:
                if os.path.isabs(form) and self._holds(form):
                    return Found(form)
                if not form.startswith("/"):
                    for folder in self.folders:
                        if self._holds(os.path.join(folder, form)):
                            return Found(os.path.join(folder, form))
            for form in forms:
                parts = form.split("/") if form.startswith("/") else []
                for start in range(1, len(parts)):
                    for folder in self.folders:
                        path = os.path.join(folder, *parts[start:])
                        if self._holds(path):
                            return Found(path, by_name=True)
        return None

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
        """Returns the files below `image_dir` and below the data set, by their file name; only names in `wanted`."""
        index = [collections.defaultdict(list) for _ in self._tops]
        for files, top in zip(index, self._tops):
            for folder, names in _walk(top):
                for name in names:
                    if _fold(name) in wanted:
                        files[_fold(name)].append(os.path.join(folder, name))
        return index

    def _search(self, alternatives, index, known_folders):
        """Finds a file by its name alone, or says why not."""
        for name in map(_clean, alternatives):
            folder = posixpath.dirname(name)
            whole = len(name.strip("/").split("/"))
            for files in index:
                paths = files.get(_fold(name), [])
                exact = [path for path in paths if os.path.basename(path) == posixpath.basename(name)]
                lengths = [_shared_parts(path, name) for path in exact or paths]
                longest = max(lengths, default=0)
                best = [path for path, length in zip(exact or paths, lengths) if length == longest]
                if folder in known_folders and 1 < whole != longest:
                    continue  # other images of this folder were found in it, so a file elsewhere is another one
                if len(best) > 1:
                    return Found(
                        "",
                        f"{alternatives[0]!r} can be {best[0]} or {best[1]}; choose the folder of the images with "
                        "--image_dir",
                    )
                if best:
                    return Found(best[0], by_name=True)
        places = " or ".join(os.path.join(folder, "") if folder else "./" for folder in self.folders)
        return Found("", f"expected {alternatives[0]!r} in {places}, found neither there nor in a folder below")


def _data_set_folder(folder):
    """Returns the folder above `annotations/`, if the annotation file lies in or below such a folder."""
    parts = os.path.abspath(folder).split(os.sep)
    for up in range(1, min(3, len(parts))):
        if parts[-up].lower() in _LABEL_FOLDERS:
            return os.path.normpath(os.path.join(folder, *[os.pardir] * up))
    return folder


def _split_names(label_file):
    """Returns the ends of the file's name that can be folders: `keypoints_val`, `val` for `keypoints_val.json`."""
    words = os.path.splitext(os.path.basename(label_file))[0].split("_")
    return [name for name in ("_".join(words[start:]) for start in range(len(words))) if name.strip(".")]


def _clean(name, unquote=True):
    """Returns a name as a path with slashes: without scheme, query, drive, leading `./`, and with %20 as a space."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", name):
        rest = name.partition("://")[2]
        name = "/" + rest.partition("/")[2].partition("#")[0]
    address, query, value = name.partition("?d=")
    if query:
        name = "/" + value
    elif name.startswith("/"):
        name = name.partition("?")[0] or name
    name = re.sub(r"^[A-Za-z]:/", "/", name.replace("\\", "/"))
    name = posixpath.normpath(urllib.parse.unquote(name, errors="surrogateescape") if unquote else name)
    return "/" + name.lstrip("/") if name.startswith("/") else name


def _fold(name):
    """Returns the file name of a path so that upper and lower case and composed characters are the same."""
    return unicodedata.normalize("NFC", posixpath.basename(name)).casefold()


def _shared_parts(path, name):
    """Returns the number of parts that a path and a name have in common, counted from the end."""
    count = 0
    for own, other in zip(reversed(os.path.abspath(path).split(os.sep)), reversed(name.split("/"))):
        if _fold(own) != _fold(other):
            break
        count += 1
    return count


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


def _refuse_shared_files(names, found):
    """Turns names that lead to the file of another name into names that were not found."""
    owners = collections.defaultdict(dict)
    for key, place in found.items():
        if place.path:
            name = _clean(names[key][0])
            owners[place.path].setdefault(name, []).append(key)
    for path, keys_by_name in owners.items():
        if len(keys_by_name) > 1:
            exact = any(not found[key].by_name for keys in keys_by_name.values() for key in keys)
            for name, keys in keys_by_name.items():
                other = next(n for n in keys_by_name if n != name)
                for key in keys:
                    if found[key].by_name or not exact:
                        message = f"expected {names[key][0]!r}, found only {path}, which can also be {other!r}"
                        found[key] = Found("", message)
