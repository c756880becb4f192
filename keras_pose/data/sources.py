"""Opens any source of data: `signers:train`, or the path of a labelled project or data set."""

from __future__ import annotations

import dataclasses
import os

from keras_pose.data.source import Source

SPLITS = ("train", "validation", "test")
_EXPECTED = (
    f"signers:<{'|'.join(SPLITS)}>[:<number of clips>], the folder of a DeepLabCut project (it holds config.yaml), a "
    "folder with annotations.json or a .json file of COCO keypoints, or a caffe-heatmap .txt list"
)


def open_source(spec, *, num_clips=400, num_frames=16, size_hw=(128, 128), label_every=1, multfact=1.0) -> Source:
    """Opens the source that a flag such as `--data` names. Its labels are not validated yet.

    Args:
      spec: str, `signers:train`, `signers:test:50` or a path.
      num_clips: synthetic clips, where `spec` gives no number of its own.
      num_frames: frames of a synthetic clip.
      size_hw: (height, width) in px of synthetic frames.
      label_every: label one in so many synthetic frames.
      multfact: what the coordinates of a caffe-heatmap list are multiplied by (282 for some published lists).

    Returns:
      `Source`.

    Raises:
      ValueError: for an unknown source, a missing or empty folder; the message says what was looked for.
    """
    spec = os.fspath(spec).strip()
    if not spec:
        raise ValueError(f"data source: expected {_EXPECTED}; received nothing")
    if spec == "signers" or spec.startswith("signers:"):
        source = _open_signers(spec, num_clips, num_frames, size_hw, label_every)
    elif os.path.isdir(spec):
        source = _open_folder(spec)
    elif os.path.isfile(spec):
        source = _open_file(spec, multfact)
    else:
        raise ValueError(f"{spec}: no such file or folder; expected {_EXPECTED}")
    return dataclasses.replace(source, name=spec)


def _open_signers(spec, num_clips, num_frames, size_hw, label_every):
    parts = spec.split(":")
    if len(parts) not in (2, 3) or parts[1] not in SPLITS:
        raise ValueError(f"{spec}: expected signers:<{'|'.join(SPLITS)}>[:<number of clips>]")
    if len(parts) == 3:
        if not parts[2].isdecimal() or int(parts[2]) < 1:
            raise ValueError(f"{spec}: expected a number of clips of 1 or more after {parts[1]!r}, found {parts[2]!r}")
        num_clips = int(parts[2])
    from keras_pose.data.synthetic import signers

    return signers.open_signers(parts[1], num_clips, num_frames, size_hw, label_every)


def _open_folder(folder):
    if os.path.isfile(os.path.join(folder, "config.yaml")):
        from keras_pose.data.importers import deeplabcut

        return deeplabcut.read(folder)
    if os.path.isfile(os.path.join(folder, "annotations.json")):
        from keras_pose.data.importers import coco

        return coco.read(os.path.join(folder, "annotations.json"))
    found = sorted(os.listdir(folder))
    held = f"it holds {', '.join(found[:8])}{', …' if len(found) > 8 else ''}" if found else "it is empty"
    raise ValueError(f"{folder}: found neither config.yaml (DeepLabCut) nor annotations.json (COCO) in it; {held}")


def _open_file(path, multfact):
    if os.path.basename(path) == "config.yaml":
        return _open_folder(os.path.dirname(path) or ".")
    if path.lower().endswith(".json"):
        from keras_pose.data.importers import coco

        return coco.read(path)
    if path.lower().endswith(".txt"):
        from keras_pose.data.importers import caffe_list

        return caffe_list.read(path, multfact=multfact)
    raise ValueError(f"{path}: no source of data ends like this; expected {_EXPECTED}")
