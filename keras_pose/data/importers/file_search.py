"""Finds the images and videos that an annotation file names, wherever its tool has put them.

A name is looked up in this order:

1. in `image_dir` and its subfolders, if it is given;
2. in the folder of the annotation file, in its subfolders `images/` and `data/`, and in subfolders of these that are
   named after the split (`train2017` for `person_keypoints_train2017.json`);
3. in the same places of the folder of the data set: the folder above `annotations/`, `anns/` or `labels/`, if the
   annotation file lies in or below such a folder;
4. by its file name alone, in any subfolder of the data set. Of several such files, the one that shares the most folders
   with the name is taken.

Names can be relative or absolute paths, have backslashes or %20, or be addresses (https://…, /data/local-files/?d=…).
"""

from __future__ import annotations

import collections
import os
from collections.abc import Hashable, Mapping, Sequence

from keras_pose.data.importers.file_tree import FileTree, Found
from keras_pose.data.importers.written_names import clean_name, data_set_folder, split_names

_MEDIA_FOLDERS = ("", "images", "data")


class FileSearch:
    """Looks for the files that an annotation file names.

    Args:
      label_file: path of the annotation file.
      image_dir: folder to search first; empty for none.

    Raises:
      ValueError: if `image_dir` is not a folder.
    """

    def __init__(self, label_file: str, image_dir: str = "") -> None:
        if image_dir and not os.path.isdir(image_dir):
            raise ValueError(f"--image_dir={image_dir}: expected a folder, found no such folder")
        folder = os.path.dirname(label_file)
        root = data_set_folder(folder)
        splits = split_names(label_file)
        self._image_dir = os.path.abspath(image_dir) if image_dir else ""
        self._trees = [FileTree(image_dir, _places([image_dir], splits))] if image_dir else []
        self._trees.append(FileTree(root, _places([folder, root], splits)))

    def find(self, names: Mapping[Hashable, Sequence[str]]) -> dict[Hashable, Found]:
        """Looks for many files.

        Args:
          names: for each key, the names of one file, the best first; at least one.

        Returns:
          `Found` for each key. A file found by name alone belongs to one name only: if another name stands for the same
          file, it counts as not found.
        """
        found: dict[Hashable, Found] = {}
        for tree in self._trees:
            rest = {key: names[key] for key in names if key not in found}
            found.update(tree.find(rest, absolute=tree is self._trees[-1]))
        _refuse_shared_files(names, found)
        places = [place for tree in self._trees for place in tree.places]
        where = " or ".join(os.path.join(place, "") if place else "./" for place in places)
        for key in names:
            if key not in found:
                message = f"expected {names[key][0]!r} in {where}, found neither there nor in a folder below"
                found[key] = Found("", f"{message}; if it is elsewhere, set --image_dir")
        return found

    def is_in_image_dir(self, path: str) -> bool:
        """Whether a file lies below `image_dir`; true if none is given."""
        return not self._image_dir or os.path.abspath(path).startswith(os.path.join(self._image_dir, ""))


def _places(tops, splits):
    places = []
    for top in tops:
        for middle in _MEDIA_FOLDERS:
            below = os.path.join(top, middle) if middle else top
            places += [below, *(os.path.join(below, split) for split in splits)]
    return places


def _refuse_shared_files(names, found):
    """Turns names that lead to the file of another name into names that were not found."""
    keys_by_path = collections.defaultdict(list)
    for key, place in found.items():
        if place.path:
            keys_by_path[os.path.normpath(place.path)].append(key)
    for path, keys in keys_by_path.items():
        owners = {key: clean_name(names[key][0]) for key in keys} if len(keys) > 1 else {}
        if len(set(owners.values())) < 2:
            continue
        for key in keys:
            if found[key].by_name:
                other = next(name for name in owners.values() if name != owners[key])
                message = f"expected {names[key][0]!r}, found only {path}, which can also be {other!r}"
                found[key] = Found("", message)
