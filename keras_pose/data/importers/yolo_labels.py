"""The text of one image of a YOLO-pose data set: a person in each line."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

import numpy as np

from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.data.importers.coco.annotation_file import parse_number, shorten
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.people import Person
from keras_pose.data.importers.text_encoding import decode_text

_BOX = 5  # class, centre x and y, width, height


def read_people(
    path: str, joints: Sequence[str], num_values: int, size_hw: tuple[int, int], findings: Findings
) -> tuple[list[Person], int]:
    """Reads the people of an image.

    Args:
      path: the text file.
      joints: J names.
      num_values: values of a joint: 2 (x, y; a joint at (0, 0) is unlabelled) or 3 (x, y, v).
      size_hw: (height, width) in px of the upright image.
      findings: receives what is wrong or left out.

    Returns:
      The people, and the number of lines that stand for one.
    """
    name = os.path.relpath(path, os.path.dirname(findings.path) or ".")
    with open(path, "rb") as file:
        data = file.read()
    try:
        text, _ = decode_text(data)
    except ValueError as error:
        findings.add_bad("in files that cannot be read", name, str(error))
        return [], 1
    people = []
    lines = [(n, line.split()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    for number, parts in lines:
        place = f"{name}:{number}"
        expected = _BOX + num_values * len(joints)
        values = [parse_number(part) for part in parts]
        if len(parts) == _BOX and None not in values:
            findings.leave_out("of boxes without joints", place)
        elif len(parts) != expected:
            findings.add_bad("with invalid keypoints", place, f"expected {expected} numbers, received {len(parts)}")
        elif None in values:
            wrong = parts[values.index(None)]
            findings.add_bad("with invalid keypoints", place, f"expected numbers, received {shorten(wrong)}")
        else:
            person = _read_person(values, joints, num_values, size_hw, place)
            if person.values[:, 2].any():
                people.append(person)
            elif person.faults:
                findings.add_bad("with invalid keypoints", place, next(iter(person.faults.values())))
            else:
                findings.leave_out("without a labelled joint", place)
    return people, len(lines)


def _read_person(numbers, joints, num_values, size_hw, place):
    height, width = size_hw
    points = np.array(numbers[_BOX:]).reshape(len(joints), num_values)
    values = np.zeros((len(joints), 3))
    faults = {}
    for joint, (name, point) in enumerate(zip(joints, points)):
        v = point[2] if num_values == 3 else VISIBLE if (point > 0).any() else UNLABELLED
        if v not in (0, 1, 2):
            faults[joint] = f"expected v of 0, 1 or 2 at joint {name!r}, received {v:g}"
        elif v and not all(map(math.isfinite, point)):
            faults[joint] = f"expected a position at joint {name!r}, received ({point[0]:g}, {point[1]:g})"
        elif v:
            values[joint] = point[0] * width, point[1] * height, v
    x, y, w, h = numbers[1:_BOX]
    box = [(x - w / 2) * width, (y - h / 2) * height, w * width, h * height]
    return Person(None, place, values, faults, box)
