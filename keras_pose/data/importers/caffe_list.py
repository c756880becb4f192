"""Reads the label lists of caffe-heatmap (Pfister et al. 2015).

Each line describes one image in four fields, separated by spaces: path; x1,y1,x2,y2,…;
x_left,x_right,y_left,y_right,scale; cluster. Coordinates are pixels of the image file. The original code crops only
its mean image with the third field and samples by the cluster, so both fields are checked and then ignored here. The
format does not say whether pixels count from 0 or 1. The original code passes coordinates to OpenCV unchanged, so they
count from 0 here.
"""

from __future__ import annotations

import os
from collections import defaultdict

import numpy as np

from keras_pose.data.importers import label_rows
from keras_pose.data.source import Problem, Source
from keras_pose.skeleton import UPPER_BODY, Skeleton


def read(list_file: str | os.PathLike[str], label_scale: float = 1.0) -> Source:
    """Reads a list; each folder of images becomes a clip of separate images.

    A joint is unlabelled if its coordinates are blank, `nan`, or both negative. Seven joints are those of the upper
    body; any other number of joints are named `joint_0`, `joint_1`, …

    Args:
      list_file: path of the list; the paths in it are relative to its folder.
      label_scale: factor that turns the coordinates of the list into px: 1, or 282 for some published lists.

    Returns:
      `Source`; its `problems` hold the bad rows.

    Raises:
      ValueError: for a missing or empty list, or a `label_scale` that is not above 0.
    """
    list_file = os.fspath(list_file)
    if not (np.isfinite(label_scale) and label_scale > 0):
        raise ValueError(f"label_scale: expected a number above 0, received {label_scale}")
    if not os.path.isfile(list_file):
        raise ValueError(f"{list_file}: expected a caffe-heatmap list, found no such file")
    with open(list_file, encoding="utf-8-sig") as file:
        lines = [(number, line.split()) for number, line in enumerate(file, 1) if line.strip()]
    skeleton = _skeleton(list_file, lines)
    root = os.path.dirname(list_file)
    problems = []
    rows_by_clip = defaultdict(list)
    for number, fields in lines:
        origin = f"{list_file}:{number}"
        clip_name = _clip_name(fields[0], list_file)
        row, message = _parse(fields, origin, root, label_scale, skeleton.num_joints)
        if row is None:
            problems.append(Problem(clip_name, None, f"{origin}: {message}"))
        else:
            rows_by_clip[clip_name].append(row)
    clips = []
    for name, rows in sorted(rows_by_clip.items()):
        positions = label_rows.positions_by_order([row.image for row in rows])
        clip, found = label_rows.build_clip(name, rows, positions, skeleton.joints)
        clips += [clip] if clip else []
        problems += found
    return Source(clips, skeleton, problems=tuple(problems), name=list_file)


def _skeleton(list_file, lines):
    counts = [len(fields[1].split(",")) // 2 for _, fields in lines if len(fields) > 1]
    if not counts:
        raise ValueError(f"{list_file}: expected lines `path x1,y1,x2,y2,… crop cluster`, found none")
    count = max(set(counts), key=counts.count)
    if count < 1:
        raise ValueError(f"{list_file}:{lines[0][0]}: expected x1,y1,x2,y2,…, found {lines[0][1][1]!r}")
    if count == UPPER_BODY.num_joints:
        return UPPER_BODY
    joints = tuple(f"joint_{j}" for j in range(count))
    return Skeleton("caffe_list", joints)


def _clip_name(image, list_file):
    return os.path.dirname(image.replace("\\", "/")).strip("/") or os.path.splitext(os.path.basename(list_file))[0]


def _parse(fields, origin, root, label_scale, num_joints):
    """Returns (`LabelRow`, ""), or (None, message) if the line cannot be parsed."""
    if len(fields) != 4:
        return None, f"expected 4 fields (path, joints, crop, cluster), found {len(fields)}"
    cells = fields[1].split(",")
    if len(cells) != 2 * num_joints:
        return None, f"expected {2 * num_joints} coordinates as in the rest of the list, found {len(cells)}"
    values, faults = label_rows.parse_cells(cells)
    messages = []
    crop, crop_messages = label_rows.parse_numbers(fields[2].split(","))
    if len(crop) not in (1, 5) or crop_messages:
        messages.append(f"crop: expected x_left,x_right,y_left,y_right,scale or 0, found {fields[2]!r}")
    points = values.reshape(-1, 2) * label_scale
    points[[cell // 2 for cell in faults]] = np.nan
    points[(points < -0.5).all(-1)] = np.nan
    image = os.path.join(root, fields[0].replace("\\", "/"))
    joint_messages = [(cell // 2, message) for cell, message in faults.items()]
    return label_rows.LabelRow(image, points, origin, messages, joint_messages), ""
