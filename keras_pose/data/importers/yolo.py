"""Reads YOLO-pose data sets (Ultralytics): a .yaml file with `kpt_shape`, folders of images, and a text per image.

A line of `labels/…/<image>.txt` is a person: class, centre and size of the box, then x, y and, if `kpt_shape` says so,
v of each joint; positions are fractions of the upright image's sides, v is that of COCO. Joint names are in `kpt_names`
(Ultralytics) or `node_names` (sleap-io); without them joints are called joint_0, joint_1, …. `flip_idx` tells the flip
pairs. All splits are read; each image is a clip of its own.
Format: docs.ultralytics.com/datasets/pose.
"""

from __future__ import annotations

import os
import re
from typing import Any

import yaml

from keras_pose.data.importers.coco.annotation_file import shorten
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.kinds_of_files import find_yolo
from keras_pose.data.importers.labelled_frames import LabelledFrame, build_source
from keras_pose.data.importers.text_encoding import decode_text
from keras_pose.data.importers.yolo_labels import read_people
from keras_pose.data.importers.yolo_skeleton import read_skeleton
from keras_pose.data.source import Source
from keras_pose.media.endings import IMAGE_ENDINGS
from keras_pose.media.images import image_size
from keras_pose.words import count

_SPLITS = ("train", "val", "valid", "test")


def read(path: str | os.PathLike[str]) -> Source:
    """Reads a data set.

    Args:
      path: its .yaml file, or the folder of that file.

    Returns:
      `Source` of one clip for each image.

    Raises:
      ValueError: if the .yaml file cannot be read or names no folder with labels; the message names the file.
    """
    spec = os.fspath(path)
    found = find_yolo(spec)
    if not found:
        raise ValueError(f"{spec}: expected a .yaml file with kpt_shape (YOLO-pose), found none")
    findings = Findings(found)
    config = _read_yaml(found)
    skeleton, num_values = read_skeleton(config, findings)
    frames: list[LabelledFrame] = []
    counts = []
    total = 0
    for split in _SPLITS:
        images = _list_images(config, split, found, findings)
        before = len(frames)
        for image in images:
            label = _label_file(image)
            if not os.path.isfile(label):
                findings.leave_out("of images without a file of labels", os.path.basename(image))
                total += 1
                continue
            try:
                size_hw = image_size(image, upright=True)
            except ValueError as error:
                findings.add_bad("whose image cannot be read", os.path.basename(label), str(error))
                total += 1
                continue
            people, lines = read_people(label, skeleton.joints, num_values, size_hw, findings)
            total += lines
            if people:
                frames.append(LabelledFrame(os.path.abspath(image), False, 0, people, "", size_hw))
        total += _note_lonely_labels(images, findings)
        if images:
            counts.append(f"{split} {count(len(frames) - before, 'labelled image')} of {len(images)}")
    if not frames:
        faults = "".join(f"; {problem.message}" for problem in findings.problems[:1])
        raise ValueError(f"{found}: expected labelled images in the folders of train, val or test, found none{faults}")
    findings.add_note(f"all splits are read: {', '.join(counts)}")
    return build_source(found, frames, skeleton, findings, num_instances=total)


def _read_yaml(path) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            text, _ = decode_text(file.read())
        config = yaml.safe_load(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        detail = " ".join(str(error).split())
        raise ValueError(
            f"{path}: expected the .yaml file of a YOLO data set, but it cannot be read: {detail}"
        ) from error
    if not isinstance(config, dict):
        raise ValueError(f"{path}: expected the .yaml file of a YOLO data set, received {shorten(config)}")
    return config


def _list_images(config, split, path, findings):
    """The images of a split: of its folders, or of its lists of images."""
    value = config.get(split)
    entries = value if isinstance(value, list) else [value] if value is not None else []
    here = os.path.dirname(path) or "."
    root = config.get("path")
    roots = [os.path.join(here, root), here] if isinstance(root, str) and root else [here]
    images = []
    for entry in entries:
        place = _find_entry(entry, roots) if isinstance(entry, str) else ""
        if os.path.isdir(place):
            names = [os.path.join(top, name) for top, _, files in os.walk(place) for name in files]
            images += sorted(name for name in names if name.lower().endswith(IMAGE_ENDINGS))
        elif place:
            with open(place, "rb") as file:
                lines = decode_text(file.read())[0].splitlines()
            found = [_find_entry(line.strip(), [os.path.dirname(place), *roots]) for line in lines if line.strip()]
            images += [image for image in found if image]
        else:
            findings.add_bad("", f"{split}: {shorten(entry)}", "expected a folder of images, found none", "", 0)
    return images


def _note_lonely_labels(images, findings):
    """Accounts for the texts beside those of a split's images that have no image; returns their number."""
    known = {os.path.abspath(_label_file(image)) for image in images}
    folders = sorted({os.path.dirname(path) for path in known})
    places = [os.path.join(top, name) for top in folders if os.path.isdir(top) for name in sorted(os.listdir(top))]
    lonely = [place for place in places if place.lower().endswith(".txt") and place not in known]
    lonely = [place for place in lonely if _holds_people(place)]
    for place in lonely:
        findings.leave_out("of texts without an image", os.path.basename(place))
    return len(lonely)


def _holds_people(path):
    """Whether a text begins like labels: `classes.txt` and lists of images may lie beside them."""
    with open(path, "rb") as file:
        first = file.read(256).split(b"\n")[0].split()
    return len(first) > 4 and all(re.fullmatch(rb"[-+.\deE]+", word) for word in first)


def _find_entry(entry, roots):
    """The path of a folder or file that a .yaml names, whatever folder it counts from; empty if there is none."""
    plain = entry.replace("\\", "/")
    bare = re.sub(r"^(\.\./)+", "", plain)
    for root in roots:
        for name in (plain, bare):
            if os.path.exists(os.path.join(root, name)):
                return os.path.join(root, name)
    return ""


def _label_file(image):
    """labels/train/a.txt for images/train/a.jpg; beside the image if no folder is called images."""
    folder, name = os.path.split(image)
    parts = folder.split(os.sep)
    for place in range(len(parts) - 1, -1, -1):
        if parts[place] == "images":
            parts[place] = "labels"
            break
    return os.path.join(os.sep.join(parts), os.path.splitext(name)[0] + ".txt")
