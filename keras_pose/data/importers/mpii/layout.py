"""Recognises MPII Human Pose: the folder of the data set or one of its files.

| form | files |
|---|---|
| official | `mpii_human_pose_v1_u12_2/mpii_human_pose_v1_u12_1.mat`, `images/` |
| pose-hg-train | `annot/train.h5`, `annot/valid.h5` (or `mpii_train.h5`, …), `images/` |
| HRNet, MMPose | `annot/train.json`, `annot/valid.json` (or `annotations/mpii_val.json`, …), `images/` |
"""

from __future__ import annotations

import dataclasses
import os
import re

from keras_pose.data.importers import hourglass_layout

NUM_JOINTS = 16
_SAMPLE_BYTES = 1 << 14
_FOLDERS = ("annot", "annotations", "")
_RELEASE = "mpii_human_pose_v1_u12_1.mat"
_RELEASE_FOLDERS = ("", "mpii_human_pose_v1_u12_2", "mpii_human_pose_v1_u12_1", "annot", "annotations")
_JSON = re.compile(r"(?:^|[^a-z])(train|valid|val|trainval)\.json$", re.IGNORECASE)
_PARTS = {"train": "train", "trainval": "train", "valid": "test", "val": "test"}


@dataclasses.dataclass(frozen=True)
class MpiiFiles:
    """The files of labels.

    Args:
      kind: "matlab", "hourglass" or "json".
      root: folder of the data set, whose folder `images/` has the pictures.
      paths: {part: file}; the part is "" if the file does not tell, or has several.
    """

    kind: str
    root: str
    paths: dict[str, str]


def is_mpii(spec: str) -> bool:
    """Whether `spec` is MPII Human Pose in one of its forms."""
    return find_files(spec) is not None


def find_files(spec: str) -> MpiiFiles | None:
    """Returns the files of labels that a file or folder stands for; None if it is not MPII."""
    if os.path.isfile(spec):
        name = os.path.basename(spec).lower()
        if name.endswith(".mat") and "mpii" in name:
            return MpiiFiles("matlab", _root(spec), {"": spec})
        if name.endswith(".json") and _is_json(spec):
            return MpiiFiles("json", _root(spec), {_part_of_json(name): spec})
    hourglass = hourglass_layout.find_files(spec, "mpii", NUM_JOINTS)
    if hourglass:
        return MpiiFiles("hourglass", _root(next(iter(hourglass.values()))), hourglass)
    if not os.path.isdir(spec):
        return None
    for folder in _FOLDERS:
        found = _list_json(os.path.join(spec, folder))
        if found:
            return MpiiFiles("json", _root(next(iter(found.values()))), found)
    matlab = next((m for f in _RELEASE_FOLDERS if os.path.isfile(m := os.path.join(spec, f, _RELEASE))), "")
    return MpiiFiles("matlab", spec, {"": matlab}) if matlab else None


def _root(path):
    """The folder of the data set: the one above the folder of the labels, if that has one of the usual names."""
    folder = os.path.dirname(path)
    above = os.path.basename(os.path.abspath(folder)) in {*_FOLDERS, *_RELEASE_FOLDERS}
    return os.path.dirname(os.path.abspath(folder)) if above else folder


def _list_json(folder):
    """Returns {part: file}; of train.json and trainval.json beside valid.json, the former."""
    try:
        names = sorted(name for name in os.listdir(folder) if _JSON.search(name))
    except OSError:
        return {}
    found: dict[str, str] = {}
    for name in names:
        path = os.path.join(folder, name)
        if _is_json(path):
            found.setdefault(_part_of_json(name), path)
    return found


def _part_of_json(name):
    match = _JSON.search(name)
    return _PARTS[match[1].lower()] if match else ""


def _is_json(path):
    """Whether the first bytes are a list of objects with `joints_vis`."""
    try:
        with open(path, "rb") as file:
            sample = file.read(_SAMPLE_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError:
        return False
    return sample.startswith(b"[") and b'"joints_vis"' in sample
