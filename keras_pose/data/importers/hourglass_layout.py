"""Finds the HDF5 files of pose-hg-train (Newell et al. 2016): `train.h5`, `valid.h5`, `test.h5` of FLIC or MPII.

They are alike but for the number of joints: 11 of FLIC, 16 of MPII. The table of importers asks this module, so h5py is
loaded only if there is such a file.
"""

from __future__ import annotations

import os
import re

# In the name of a file: the part of the data set that it holds. What pose-hg-train calls valid is what papers report:
# the test people of FLIC, and 2,958 people of MPII, whose own test labels are not published.
_PARTS = {"train": "train", "valid": "test", "val": "test", "test": "test"}
_NAME = re.compile(r"(?:^|[^a-z])(train|valid|val|test)\.h5$", re.IGNORECASE)
_FOLDERS = ("annot", "")


def find_files(spec: str, name: str, num_joints: int) -> dict[str, str]:
    """Returns {part: path} of the files that a file or folder stands for.

    Args:
      spec: a file, or the folder of the data set, or its folder `annot/`.
      name: name of the data set in lower case. Files and folders with another number of joints, or that cannot be read,
        count if it is in their name.
      num_joints: number of joints of the data set.
    """
    if os.path.isfile(spec):
        paths = [spec] if spec.lower().endswith((".h5", ".hdf5")) else []
    else:
        paths = next((found for folder in _FOLDERS if (found := _list(os.path.join(spec, folder)))), [])
    found = {}
    for path in paths:
        match = _NAME.search(os.path.basename(path))
        if not (match or os.path.isfile(spec)):
            continue
        joints = count_joints(path)
        if joints == num_joints or joints is None and name in _near(path):
            part = _PARTS[match[1].lower()] if match else ""
            if part not in found or not os.path.basename(path).lower().startswith("test"):  # MPII's has no labels
                found[part] = path
    return found


def count_joints(path: str) -> int | None:
    """Returns the number of joints in a file; None if it is no such file."""
    from keras_pose import hdf5_file

    try:
        with hdf5_file.open_whole(path) as file:
            shape = file["part"].shape
    except Exception:  # of a damaged file, h5py raises almost anything
        return None
    return int(shape[1]) if len(shape) == 3 else None


def _near(path):
    """The name of a file and of the two folders above it, in lower case."""
    return "/".join(os.path.abspath(path).lower().replace("\\", "/").split("/")[-3:])


def _list(folder):
    try:
        return [os.path.join(folder, entry) for entry in sorted(os.listdir(folder)) if _NAME.search(entry)]
    except OSError:
        return []
