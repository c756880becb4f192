"""The `keypoints` of a COCO annotation as numbers.

They are J × (x, y, v), flat or as J lists of three; v is 0 for unlabelled, 1 for hidden, 2 for visible; `true` is read
as visible, `false` as unlabelled. Numbers can be written as text. The position of an unlabelled joint is ignored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.data.importers.coco.annotation_file import parse_number, shorten

_LARGEST = np.finfo(np.float32).max
_PLAIN_TYPES = {int, float}


def is_set(value: Any) -> bool:
    """Whether a mark such as iscrowd is set: a number other than 0 (also as text), or true."""
    number = parse_number(value)
    return value is True if number is None else number != 0


def has_labels(keypoints: Any) -> bool:
    """Whether keypoints of unknown joints have a label; values that cannot be read count as labels."""
    count = len(keypoints) if isinstance(keypoints, list) else 0
    nested = count and isinstance(keypoints[0], list)
    values, faults, message = parse_keypoints(keypoints, [""] * (count if nested else count // 3))
    return bool(message or faults or values[:, 2].any())


def parse_keypoints(keypoints: Any, joints: Sequence[str]) -> tuple[np.ndarray, dict[int, str], str]:
    """Parses the keypoints of an annotation.

    Args:
      keypoints: any JSON value.
      joints: J names, for messages.

    Returns:
      float64 [J, 3], (x, y, v), v is 0 for an invalid joint; what is wrong with single joints, by position; and what is
      wrong with the whole list, or "".
    """
    num_joints = len(joints)
    flat = keypoints
    none = np.zeros((num_joints, 3))
    if not isinstance(keypoints, list):
        return none, {}, f"expected {num_joints} × (x, y, v) numbers, received {shorten(keypoints)}"
    nested = bool(keypoints) and isinstance(keypoints[0], list)
    if nested and all(isinstance(triple, list) and len(triple) == 3 for triple in keypoints):
        flat = [value for triple in keypoints for value in triple]
    if len(flat) != 3 * num_joints:
        return none, {}, f"expected {num_joints} × (x, y, v) numbers, received {len(flat)} values"
    if set(map(type, flat)) <= _PLAIN_TYPES:
        numbers = flat
    else:
        numbers = [_read_value(value, index % 3 == 2) for index, value in enumerate(flat)]
    try:
        values = np.array(numbers, np.float64).reshape(num_joints, 3)
    except OverflowError:
        values = np.array([parse_number(number) for number in numbers], np.float64).reshape(num_joints, 3)
    visibility = values[:, 2]
    known = (visibility == 0) | (visibility == 1) | (visibility == 2)
    good = known & ((visibility == 0) | (np.abs(values[:, :2]) <= _LARGEST).all(1))
    faults = {} if good.all() else _find_faults(flat, known, good, joints)
    values[~good, 2] = UNLABELLED
    return values, faults, ""


def _find_faults(flat, known, good, joints):
    """Returns what is wrong with joints, by position. A joint without any value is unlabelled, not wrong."""
    faults = {}
    for j in np.flatnonzero(~good).tolist():
        received = [shorten(value) for value in flat[3 * j : 3 * j + 3]]
        if flat[3 * j : 3 * j + 3] == [None] * 3:
            continue
        if known[j]:
            faults[j] = f"expected a position at joint {joints[j]!r}, received ({', '.join(received)})"
        else:
            faults[j] = (
                f"expected v of {UNLABELLED} (unlabelled), 1 (hidden) or {VISIBLE} (visible) at joint {joints[j]!r}, "
                f"received {received[2]}"
            )
    return faults


def _read_value(value, is_visibility):
    if is_visibility and isinstance(value, bool):
        return VISIBLE if value else UNLABELLED
    number = parse_number(value)
    return np.nan if number is None else number
