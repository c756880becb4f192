"""Reads the label lists of caffe-heatmap (Pfister et al. 2015).

One line an image, four fields between spaces: path; x1,y1,x2,y2,…; x_left,x_right,y_left,y_right,scale; cluster.
Coordinates are of the image as it lies in the file. The third field crops that code's mean image only, and the cluster
steers its sampling, so both are checked for form and then left alone. Whether pixels count from 0 or 1 is not written
down; that code uses them as they are, with OpenCV, so they count from 0 here.
"""

from __future__ import annotations

import os

import numpy as np

from keras_pose.data.importers import label_rows
from keras_pose.data.source import Problem, Source
from keras_pose.skeleton import UPPER_BODY, Skeleton, infer_flip_pairs


def read(list_file, root=None, multfact=1.0, joints=None) -> Source:
    """Reads a list; each folder of images becomes a clip of separate images.

    A joint whose coordinates are not given, `nan`, or both negative is unlabelled.

    Args:
      list_file: str or path-like.
      root: folder that the paths are relative to; None: the list's own.
      multfact: px that a coordinate of 1 means: 1, or 282 for some published lists.
      joints: names of the joints in their order; None: the seven of the upper body where there are seven, else
        `joint_0`, `joint_1`, …

    Returns:
      `Source`; bad rows stand in its `problems`.

    Raises:
      ValueError: for a missing or empty list, a multfact that is not above 0, or joints of another number.
    """
    list_file = os.fspath(list_file)
    if not (np.isfinite(multfact) and multfact > 0):
        raise ValueError(f"multfact: expected a number above 0, received {multfact}")
    if not os.path.isfile(list_file):
        raise ValueError(f"{list_file}: expected a caffe-heatmap list, found no such file")
    with open(list_file, encoding="utf-8-sig") as file:
        lines = [(number, line.split()) for number, line in enumerate(file, 1) if line.strip()]
    skeleton = _skeleton(list_file, lines, joints)
    root = os.path.dirname(list_file) if root is None else os.fspath(root)
    folders, problems = {}, []
    for number, fields in lines:
        origin = f"{list_file}:{number}"
        row, message = _parse(fields, origin, root, multfact, skeleton.num_joints)
        if row is None:
            problems.append(Problem(_clip_name(fields[0], list_file), None, f"{origin}: {message}"))
        else:
            folders.setdefault(_clip_name(fields[0], list_file), []).append(row)
    clips = []
    for name, rows in sorted(folders.items()):
        positions = label_rows.positions_by_order([row.image for row in rows])
        clip, found = label_rows.build_clip(name, rows, positions, skeleton.joints)
        clips += [clip] if clip else []
        problems += found
    return Source(clips, skeleton, problems=tuple(problems), name=list_file)


def _skeleton(list_file, lines, joints):
    counts = [len(fields[1].split(",")) // 2 for _, fields in lines if len(fields) > 1]
    if not counts:
        raise ValueError(f"{list_file}: expected lines `path x1,y1,x2,y2,… crop cluster`, found none")
    count = max(set(counts), key=counts.count)
    if count < 1:
        raise ValueError(f"{list_file}:{lines[0][0]}: expected x1,y1,x2,y2,…, found {lines[0][1][1]!r}")
    if joints is None:
        if count == UPPER_BODY.num_joints:
            return UPPER_BODY
        joints = [f"joint_{j}" for j in range(count)]
    if len(joints) != count:
        raise ValueError(f"{list_file}: expected {count} joint names, as the list has, received {len(joints)}")
    return Skeleton("caffe_list", tuple(joints), infer_flip_pairs(joints))


def _clip_name(image, list_file):
    return os.path.dirname(image.replace("\\", "/")).strip("/") or os.path.splitext(os.path.basename(list_file))[0]


def _parse(fields, origin, root, multfact, num_joints):
    """Returns a `LabelRow` or None, and why it is None."""
    if len(fields) != 4:
        return None, f"expected 4 fields (path, joints, crop, cluster), found {len(fields)}"
    cells = fields[1].split(",")
    if len(cells) != 2 * num_joints:
        return None, f"expected {2 * num_joints} coordinates as in the rest of the list, found {len(cells)}"
    values, messages = label_rows.parse_numbers(cells)
    crop, crop_messages = label_rows.parse_numbers(fields[2].split(","))
    if len(crop) not in (1, 5) or crop_messages:
        messages.append(f"crop: expected x_left,x_right,y_left,y_right,scale or 0, found {fields[2]!r}")
    points = values.reshape(-1, 2) * multfact
    points[(points < -0.5).all(-1)] = np.nan
    image = os.path.join(root, fields[0].replace("\\", "/"))
    return label_rows.LabelRow(image, points, origin, messages), ""
