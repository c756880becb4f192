"""Reads keypoints of Label Studio: the exports JSON and JSON-MIN, and the tasks that sleap-io and SLEAP write.

A task is an image (`data`), or a frame of a video (`meta.video`: `filename`, `frame_idx`, as sleap-io writes it).
Positions are percentages of the image's sides. Keypoints that belong to one region, by a relation or `parentID`, are
one person; the others of a task are one more. If a task has several annotations, the first that was not cancelled is
read, one that is marked as ground truth before others. Predictions are no labels. The format neither orders its joints
nor knows hidden ones: joints are ordered as in the annotation with the most of them, and all are visible.
Format: labelstud.io/guide/export.
"""

from __future__ import annotations

import json
import math
import os
import re
from typing import Any

import numpy as np

from keras_pose.data.clip import VISIBLE
from keras_pose.data.importers.coco.annotation_file import parse_number, shorten
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.people import Person
from keras_pose.data.importers.labelled_frames import LabelledFrame, build_source
from keras_pose.data.importers.text_encoding import describe_json_error
from keras_pose.data.source import Source
from keras_pose.media.endings import IMAGE_ENDINGS
from keras_pose.side_names import infer_flip_pairs
from keras_pose.skeleton import Skeleton

_UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-(?=.)")  # Label Studio puts it before the names of uploaded files
_TYPE = "keypointlabels"


def read(path: str | os.PathLike[str], image_dir: str = "", exif_orientation: str = "auto") -> Source:
    """Reads a file of tasks.

    Args:
      path: the .json file.
      image_dir: folder of the images and videos, searched first (`file_search`).
      exif_orientation: how the labels see frames of videos that are turned when they are played.

    Returns:
      `Source`. An image is a clip; the frames of a video are one.

    Raises:
      ValueError: if the file is not a list of tasks, no keypoint is labelled, or none of the images is found.
    """
    path = os.fspath(path)
    findings = Findings(path)
    labelled = []
    for number, task in enumerate(_read_tasks(path)):
        regions = _read_annotation(task, _describe(task, number), findings)
        if regions:
            labelled.append((task, _describe(task, number), regions))
    joints = _order_joints([regions for _, _, regions in labelled])
    if not joints:
        raise ValueError(f"{path}: expected tasks with at least one keypoint (type {_TYPE!r}), found none")
    frames = []
    for task, place, regions in labelled:
        people = _read_people(regions, joints, place, findings)
        frame = _place_frame(task, place, regions, people, findings) if people else None
        if frame is not None:
            frames.append(frame)
    skeleton = Skeleton("label_studio", joints, infer_flip_pairs(joints))
    return build_source(path, frames, skeleton, findings, image_dir, exif_orientation)


def _read_tasks(path):
    with open(path, "rb") as file:
        data = file.read()
    try:
        tasks = json.loads(data.decode(json.detect_encoding(data)))
    except RecursionError:
        raise ValueError(f"{path}: expected tasks of Label Studio, but its lists are nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"{path}: expected JSON, but {describe_json_error(error)}") from error
    if not isinstance(tasks, list):
        raise ValueError(f"{path}: expected a list of Label Studio's tasks, found {shorten(tasks)}")
    return tasks


def _describe(task, number):
    name = task.get("id") if isinstance(task, dict) else None
    return f"task {name}" if isinstance(name, (int, str)) and not isinstance(name, bool) else f"tasks[{number}]"


def _read_annotation(task, place, findings):
    """Returns the regions and relations of the annotation of a task that counts; none if there is none."""
    if not isinstance(task, dict):
        findings.add_bad("invalid", place, f"expected an object, received {shorten(task)}")
        return []
    annotations = task.get("annotations", task.get("completions"))
    if annotations is None:  # JSON-MIN: lists of keypoints beside the fields of the data
        return [region for value in task.values() if isinstance(value, list) for region in value if _labels_of(region)]
    if not isinstance(annotations, list):
        findings.add_bad("invalid", place, f"annotations: expected a list, received {shorten(annotations)}")
        return []
    kept = [entry for entry in annotations if isinstance(entry, dict) and not entry.get("was_cancelled")]
    if len(kept) < len(annotations):
        findings.leave_out("cancelled or invalid", place)
    kept.sort(key=lambda entry: not entry.get("ground_truth"))  # stable
    if len(kept) > 1:
        findings.leave_out("beside another annotation of the same task", place)
    regions = kept[0].get("result") if kept else None
    found = [region for region in regions if isinstance(region, dict)] if isinstance(regions, list) else []
    if not any(_labels_of(region) for region in found):
        findings.leave_out("without a labelled joint", place)
        return []
    return found


def _value_of(region):
    value = region.get("value", region) if isinstance(region, dict) else None
    return value if isinstance(value, dict) else {}


def _labels_of(region):
    """The names of a keypoint region; usually one."""
    labels = _value_of(region).get(_TYPE)
    return [label for label in labels if isinstance(label, str) and label] if isinstance(labels, list) else []


def _order_joints(annotations):
    names = [list(dict.fromkeys(label for r in regions for label in _labels_of(r)[:1])) for regions in annotations]
    names.sort(key=len, reverse=True)  # stable
    return tuple(dict.fromkeys(name for group in names for name in group))


def _read_people(regions, joints, place, findings):
    """Returns a `Person` for each group of keypoints."""
    groups = _group(regions)
    people = []
    for number, members in enumerate(groups):
        where = place if len(groups) == 1 else f"{place} person {number + 1}"
        values = np.zeros((len(joints), 3))
        faults = {}
        for region in members:
            name = _labels_of(region)[0]
            joint = joints.index(name)
            point = _position(region)
            if isinstance(point, str):
                faults[joint] = f"joint {name!r}: {point}"
            elif values[joint, 2]:
                faults[joint] = f"expected one position of joint {name!r} in a person, received several"
            elif point is not None:
                values[joint] = *point, VISIBLE
        for joint in faults:
            values[joint] = 0
        if values[:, 2].any():
            people.append(Person(None, where, values, faults, None))
        elif faults:
            findings.add_bad("with invalid keypoints", where, next(iter(faults.values())))
        else:
            findings.leave_out("without a labelled joint", where)
    return people


def _group(regions):
    """Groups the keypoints of a task by the other region that they belong to; those without one are the last group."""
    others = {r["id"] for r in regions if _is_key(r.get("id")) and not _labels_of(r) and r.get("value")}
    owner = {}
    for region in regions:
        if region.get("type") == "relation":
            ends = region.get("from_id"), region.get("to_id")
            for one, other in (ends, ends[::-1]):
                if _is_key(other) and other in others and _is_key(one):
                    owner[one] = other
    groups: dict[Any, list] = {}
    for region in regions:
        if _labels_of(region):
            name = region.get("id") if _is_key(region.get("id")) else None
            parent = region.get("parentID") if _is_key(region.get("parentID")) else None
            groups.setdefault(owner.get(name, parent if parent in others else None), []).append(region)
    return [members for key, members in groups.items() if key is not None] + [groups[k] for k in groups if k is None]


def _is_key(value):
    return isinstance(value, (str, int))


def _position(region):
    """(x, y) in px; None for NaN, which stands for no label; or what is wrong, as text."""
    value = _value_of(region)
    sides = _size_of(region)
    percent = [parse_number(value.get(name)) for name in ("x", "y")]
    if sides is None:
        received = f"{shorten(region.get('original_width'))}×{shorten(region.get('original_height'))}"
        return f"expected the sides of the image in original_width and original_height, received {received}"
    if None in percent or any(map(math.isinf, percent)):
        return f"expected x and y as percentages, received {shorten(value.get('x'))}, {shorten(value.get('y'))}"
    if any(map(math.isnan, percent)):
        return None
    return percent[0] * sides[1] / 100, percent[1] * sides[0] / 100


def _size_of(region):
    """(height, width) in px as a region states them; None if it does not."""
    sides = [parse_number(region.get(name)) for name in ("original_height", "original_width")]
    return sides if all(side is not None and math.isfinite(side) and side > 0 for side in sides) else None


def _place_frame(task, place, regions, people, findings):
    sides = next((size for size in map(_size_of, filter(_labels_of, regions)) if size), None)
    size_hw = (round(sides[0]), round(sides[1])) if sides else None
    meta = task.get("meta")
    video = meta.get("video") if isinstance(meta, dict) else None
    if isinstance(video, dict):
        name = video.get("filename")
        number = parse_number(video.get("frame_idx"))
        whole = number is not None and math.isfinite(number) and number == int(number)
        if isinstance(name, str) and name.strip() and whole:
            stated = isinstance(video.get("shape"), list) and len(video["shape"]) == 4
            return LabelledFrame(name, True, int(number), people, size_hw=size_hw if stated else None)
        if isinstance(name, list) and whole and 0 <= number < len(name) and isinstance(name[int(number)], str):
            return LabelledFrame(name[int(number)], False, 0, people, size_hw=size_hw)
    name = _image_name(task)
    if name is None:
        message = "expected data with the name of an image, or meta.video with filename and frame_idx, received neither"
        findings.add_bad("without the name of an image", place, message, "", len(people))
        return None
    base = name.replace("\\", "/").rpartition("/")[2]
    bare = _UPLOAD_PREFIX.sub("", base)
    return LabelledFrame(name, False, 0, people, "", size_hw, None, (bare,) if bare != base else ())


def _image_name(task):
    """The name of the image of a task: a text of its data, best under a usual name, or with the ending of an image."""
    data = task.get("data") if isinstance(task.get("data"), dict) else task
    texts = {key: value for key, value in data.items() if isinstance(value, str) and value.strip()}
    usual = [texts[key] for key in ("image", "img", "ocr", "url") if key in texts]
    return next(iter(usual + [value for value in texts.values() if value.lower().endswith(IMAGE_ENDINGS)]), None)
