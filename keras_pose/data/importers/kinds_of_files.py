"""Tells kinds of label files apart by their names and first bytes, without the libraries that read them."""

from __future__ import annotations

import os
import re

_SAMPLE_BYTES = 1 << 18
_LARGEST_YAML = 1 << 20
_WORDS = (b'"annotations"', b'"completions"', b'"keypointlabels"')


def is_label_studio(spec: str) -> bool:
    """Whether `spec` is a .json file that begins as a list of Label Studio's tasks."""
    if not (spec.lower().endswith(".json") and os.path.isfile(spec)):
        return False
    try:
        with open(spec, "rb") as file:
            sample = file.read(_SAMPLE_BYTES)
    except OSError:
        return False
    text = re.sub(rb"^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)", b"", sample).replace(b"\0", b"").lstrip()
    return text.startswith(b"[") and any(word in text for word in _WORDS)


def is_shards(spec: str) -> bool:
    """Whether `spec` is a folder of shards, finished or not, or its shards.json."""
    if os.path.isfile(spec):
        return os.path.basename(spec) == "shards.json"
    files = ("shards.json", "plan.json")  # the second one is there until all shards are written
    return any(os.path.isfile(os.path.join(spec, name)) for name in files)


def is_yolo(spec: str) -> bool:
    """Whether `spec` is a .yaml file with `kpt_shape`, or a folder that holds one."""
    return bool(find_yolo(spec))


def find_yolo(spec: str) -> str:
    """Returns the path of the .yaml file with `kpt_shape` that a file or folder stands for; empty if there is none."""
    if os.path.isfile(spec):
        names = [spec]
    elif os.path.isdir(spec):
        names = sorted(os.path.join(spec, name) for name in os.listdir(spec))
    else:
        names = []
    return next((name for name in names if name.lower().endswith((".yaml", ".yml")) and _has_kpt_shape(name)), "")


def _has_kpt_shape(path):
    try:
        with open(path, "rb") as file:
            text = file.read(_LARGEST_YAML).replace(b"\0", b"")
    except OSError:
        return False
    return re.search(rb"(^|[\n{,\r])\s*[\"']?kpt_shape[\"']?\s*:", text) is not None


def is_jabs(spec: str) -> bool:
    """Whether `spec` is a file whose name ends like that of a JABS pose file."""
    return bool(re.search(r"_pose_est_v[2-6]\.h5$", spec, re.IGNORECASE)) and os.path.isfile(spec)
