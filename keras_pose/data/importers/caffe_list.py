"""Reads the label lists of caffe-heatmap (Pfister et al. 2015).

Each line describes one image in four fields, separated by spaces or tabs: path; x1,y1,x2,y2,…;
x_left,x_right,y_left,y_right,scale; cluster. Coordinates are pixels of the image file. The original code crops only
its mean image with the third field and samples by the cluster, so both fields are checked and then ignored here. The
format does not say whether pixels count from 0 or 1. The original code passes coordinates to OpenCV unchanged, so they
count from 0 here.

Fields are split from the right, so a path may have spaces. Lines that begin with `#` are comments. A list is UTF-8 or
UTF-16, otherwise Latin-1.
"""

from __future__ import annotations

import collections
import os
import re

import numpy as np

from keras_pose.data.importers import label_rows
from keras_pose.data.importers.file_search import FileSearch
from keras_pose.data.source import Problem, Source
from keras_pose.skeleton import UPPER_BODY, Skeleton
from keras_pose.words import count


def read(list_file: str | os.PathLike[str], label_scale: float = 1.0) -> Source:
    """Reads a list; each folder of images becomes a clip of separate images.

    A joint is unlabelled if its coordinates are blank, `nan`, or both negative. Seven joints are those of the upper
    body; any other number of joints are named `joint_0`, `joint_1`, …

    Args:
      list_file: path of the list; the paths in it are relative to its folder. Images that are not there are searched
        as `file_search` says.
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
    text, notes = _read_text(list_file)
    lines = [(number, line.strip()) for number, line in enumerate(re.split("\r\n|\r|\n", text), 1) if line.strip()]
    comments = [number for number, line in lines if line.startswith("#")]
    if comments:
        several = f": {len(comments)} lines that begin with # are comments, the first is {comments[0]}"
        notes.append(
            f"{list_file}{several if len(comments) > 1 else f':{comments[0]}: a comment, since it begins with #'}"
        )
    rows = [(number, _split(line)) for number, line in lines if not line.startswith("#")]
    skeleton = _skeleton(list_file, rows)
    images = _find_images(list_file, rows, notes)
    problems = []
    rows_by_clip = collections.defaultdict(list)
    for number, fields in rows:
        origin = f"{list_file}:{number}"
        clip_name = _clip_name(fields[0], list_file)
        row, message = _parse(fields, origin, images.get(number, ""), label_scale, skeleton.num_joints)
        if row is None:
            problems.append(Problem(clip_name, None, f"{origin}: {message}"))
        else:
            rows_by_clip[clip_name].append(row)
    clips = []
    for name, members in sorted(rows_by_clip.items()):
        positions = label_rows.positions_by_order([row.image for row in members])
        clip, found = label_rows.build_clip(name, members, positions, skeleton.joints)
        clips += [clip] if clip else []
        problems += found
    num_read = sum(clip.num_labelled for clip in clips)
    summary = ""
    if num_read < len(rows):
        lost = len(rows) - num_read
        reason = f"{lost} that {'is' if lost == 1 else 'are'} invalid or without image"
        summary = f"{list_file}: read {num_read} of {count(len(rows), 'line')}; left out: {reason}"
    return Source(clips, skeleton, problems=tuple(problems), notes=tuple(notes), name=list_file, summary=summary)


def _read_text(path):
    """Returns the text of a list, and notes about its encoding."""
    with open(path, "rb") as file:
        data = file.read()
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding), []
    except UnicodeDecodeError:
        return data.decode("latin-1"), [f"{path}: read as Latin-1, because it is not UTF-8"]


def _split(line):
    """Returns the fields of a line: four, or fewer if there are no more. Spaces beside commas belong to a field."""
    closed = re.sub(r"\s*,\s*", ",", line).rsplit(None, 3)
    path_is_whole = line.startswith(closed[0])  # a comma and a space can also be part of the path
    if len(closed) == 4 and path_is_whole and _is_numbers(closed[1]) and _is_numbers(closed[2]):
        return closed
    return line.rsplit(None, 3)


def _is_numbers(field):
    return not label_rows.parse_numbers(field.split(","))[1]


def _find_images(list_file, rows, notes):
    """Returns the path of each row's image, by row; beside the list if it is nowhere."""
    wanted = {number: [fields[0]] for number, fields in rows}
    found = FileSearch(list_file).find(wanted)
    folder = os.path.dirname(list_file)
    loose = [number for number in wanted if found[number].by_name]
    if loose:
        images = "1 image was" if len(loose) == 1 else f"{len(loose)} images were"
        first = f"{wanted[loose[0]][0]!r} as {found[loose[0]].path}"
        notes.append(f"{list_file}: {images} found by name alone, for example {first}")
    beside = {number: os.path.join(folder, wanted[number][0].replace("\\", "/")) for number in wanted}
    return {number: found[number].path or beside[number] for number in wanted}


def _skeleton(list_file, rows):
    counts = collections.Counter(len(_cells(fields[1])) // 2 for _, fields in rows if len(fields) > 1)
    if not counts:
        raise ValueError(f"{list_file}: expected lines `path x1,y1,x2,y2,… crop cluster`, found none")
    num_joints = counts.most_common(1)[0][0]
    if num_joints < 1:
        first = next(fields for _, fields in rows if len(fields) > 1)
        raise ValueError(f"{list_file}:{rows[0][0]}: expected x1,y1,x2,y2,…, found {first[1]!r}")
    if num_joints == UPPER_BODY.num_joints:
        return UPPER_BODY
    joints = tuple(f"joint_{j}" for j in range(num_joints))
    return Skeleton("caffe_list", joints)


def _cells(field):
    """Returns the coordinates of a field, without the empty one after a comma at its end."""
    cells = field.split(",")
    return cells[:-1] if len(cells) % 2 and not cells[-1] else cells


def _clip_name(image, list_file):
    return os.path.dirname(image.replace("\\", "/")).strip("/") or os.path.splitext(os.path.basename(list_file))[0]


def _parse(fields, origin, image, label_scale, num_joints):
    """Returns (`LabelRow`, ""), or (None, message) if the line cannot be parsed."""
    if len(fields) != 4:
        return None, f"expected 4 fields (path, joints, crop, cluster), found {len(fields)}"
    cells = _cells(fields[1])
    if len(cells) != 2 * num_joints:
        return None, f"expected {2 * num_joints} coordinates as in the rest of the list, found {len(cells)}"
    values, faults = label_rows.parse_cells(cells)
    messages = []
    crop, crop_messages = label_rows.parse_numbers(fields[2].rstrip(",").split(","))
    if len(crop) not in (1, 5) or crop_messages:
        messages.append(f"crop: expected x_left,x_right,y_left,y_right,scale or 0, found {fields[2]!r}")
    with np.errstate(over="ignore"):  # validation reports coordinates that are too large
        points = (values.reshape(-1, 2) * label_scale).astype(np.float32).astype(np.float64)
    points[[cell // 2 for cell in faults]] = np.nan
    points[(points < -0.5).all(-1)] = np.nan
    joint_messages = [(cell // 2, message) for cell, message in faults.items()]
    return label_rows.LabelRow(image, points, origin, messages, joint_messages), ""
