"""Recognises FLIC: the folder of the download, one of its files, or the folder of TensorFlow Datasets.

| form | files |
|---|---|
| the authors' download (`FLIC/`, `FLIC-full/`) | `examples.mat`, `images/` |
| pose-hg-train | `annot/train.h5`, `annot/valid.h5` (or `flic_train.h5`, …), `images/` |
| TensorFlow Datasets (`flic/small/2.0.0/`, `flic/full/2.0.0/`) | `flic-train.tfrecord-00000-of-00001`, `flic-test.…` |
"""

from __future__ import annotations

import dataclasses
import os
import re

from keras_pose.data.importers import hourglass_layout

NUM_JOINTS = 11
_MATLAB = "examples.mat"
_RECORDS = re.compile(r"^flic-(train|test)\.tfrecord-(\d{5})-of-(\d{5})$")
_DEPTH = 3  # flic/small/2.0.0


@dataclasses.dataclass(frozen=True)
class FlicFiles:
    """The files of labels.

    Args:
      kind: "matlab", "hourglass" or "records".
      root: folder of the data set, whose folder `images/` has the pictures.
      paths: {part: its files}; of `examples.mat`, which has both parts, the part is "".
    """

    kind: str
    root: str
    paths: dict[str, list[str]]


def is_flic(spec: str) -> bool:
    """Whether `spec` is FLIC in one of its forms."""
    return find_files(spec) is not None


def find_files(spec: str) -> FlicFiles | None:
    """Returns the files of labels that a file or folder stands for; None if it is not FLIC.

    Raises:
      ValueError: if the folder has several sets of TensorFlow Datasets, or lacks some of its files.
    """
    matlab = os.path.join(spec, _MATLAB) if os.path.isdir(spec) else spec
    if os.path.isfile(matlab) and _is_matlab(matlab):
        return FlicFiles("matlab", os.path.dirname(matlab), {"": [matlab]})
    found = hourglass_layout.find_files(spec, "flic", NUM_JOINTS)
    if found:
        folder = os.path.dirname(next(iter(found.values())))
        root = os.path.dirname(folder) if os.path.basename(folder) == "annot" else folder
        return FlicFiles("hourglass", root, {part: [path] for part, path in found.items()})
    folders = _record_folders(spec, _DEPTH)
    return FlicFiles("records", folders[0], _list_records(folders[0])) if folders else None


def _is_matlab(path):
    name = os.path.basename(path).lower()
    return name == _MATLAB or name.endswith(".mat") and "flic" in name


def _record_folders(folder, depth):
    """The folders with record files, at most `depth` levels below; of several versions the last one."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    if any(_RECORDS.match(name) for name in names):
        return [folder]
    if not depth:
        return []
    below = [name for name in names if name in ("flic", "small", "full") or re.match(r"^\d+\.\d+\.\d+$", name)]
    found = [found for name in below for found in _record_folders(os.path.join(folder, name), depth - 1)]
    if len({os.path.dirname(path) for path in found}) > 1:
        raise ValueError(f"{folder}: expected one set of FLIC, found {' and '.join(found)}; name one of these folders")
    return found[-1:]


def _list_records(folder):
    """Returns {part: its files}; raises for a part of which files are missing."""
    found: dict[str, dict[int, str]] = {}
    totals: dict[str, int] = {}
    for name in sorted(os.listdir(folder)):
        match = _RECORDS.match(name)
        if match:
            found.setdefault(match[1], {})[int(match[2])] = os.path.join(folder, name)
            totals[match[1]] = int(match[3])
    for part, paths in found.items():
        missing = [n for n in range(totals[part]) if n not in paths]
        if missing:
            name = f"flic-{part}.tfrecord-{missing[0]:05d}-of-{totals[part]:05d}"
            raise ValueError(
                f"{folder}: expected {totals[part]} files of the part {part}, found {len(paths)}; {name} is missing"
            )
    return {part: [paths[n] for n in sorted(paths)] for part, paths in sorted(found.items(), reverse=True)}
