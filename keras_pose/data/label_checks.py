"""Finds the mistakes in the labels of a clip: each with its row, and with its joint if only a joint is at fault."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose.data.clip import UNLABELLED, Clip, missing_frames
from keras_pose.data.pictures.check import pictures_of
from keras_pose.data.pictures.orientation import describe_orientation
from keras_pose.media.inspection import PictureFacts

_LARGEST_PX = 1_000_000  # as long as a side of a picture can be
OUTSIDE = "joints outside their frame"


@dataclasses.dataclass(frozen=True)
class Fault:
    """A mistake in the labels of a clip.

    Args:
      row: position among the labels of the clip.
      message: what is wrong.
      kind: a few words for counts of mistakes of this kind, in the plural.
      joint: position of the only joint that it concerns; None if it concerns the whole row.
    """

    row: int
    message: str
    kind: str
    joint: int | None = None


def check_labels(clip: Clip, joints: Sequence[str], facts: Mapping[str, PictureFacts] | None = None) -> list[Fault]:
    """Returns every mistake in the labels of a clip.

    Args:
      clip: the clip to check.
      joints: the J names of its joints.
      facts: what is known of its pictures, by path; a picture that is not in it is checked by its header.
    """
    found = []
    labelled = clip.visibility != UNLABELLED
    sensible = _are_positions(clip.joints)
    height, width = clip.frames.size_hw
    for row, joint in zip(*np.nonzero(labelled & ~(sensible & ~outside_frame(clip)))):
        x, y = clip.joints[row, joint]
        place = f"joint {joints[joint]!r} at ({x:g}, {y:g})"
        if sensible[row, joint]:
            message = f"{place} is outside the frame of {height}×{width} px (height×width)"
            found.append(Fault(int(row), message, OUTSIDE, int(joint)))
        else:
            far = bool(np.isfinite([x, y]).all())
            what = "is far from any picture" if far else "is not finite"
            kind = "joints far from any picture" if far else "joints that are not finite"
            found.append(Fault(int(row), f"{place} {what}", kind, int(joint)))
    # Rows: at least one joint, and a weight above 0.
    for row in np.flatnonzero(~labelled.any(-1)).tolist():
        found.append(Fault(row, "no joint is labelled", "rows without a labelled joint"))
    weighted = np.isfinite(clip.weights) & (clip.weights > 0)
    for row in np.flatnonzero((labelled & ~weighted).any(-1)).tolist():
        worst = clip.weights[row][labelled[row] & ~weighted[row]][0]
        found.append(Fault(row, f"expected a weight above 0, found {worst}", "weights that are not above 0"))
    # Frames: labelled once, and readable.
    first: dict[int, int] = {}
    for row, position in enumerate(clip.labelled.tolist()):
        if first.setdefault(position, row) != row:
            place = clip.origins[first[position]]
            found.append(Fault(row, f"frame {position} is already labelled at {place}", "frames labelled twice"))
        message, kind = _check_frame(clip, position, facts or {})
        if message:
            found.append(Fault(row, message, kind))
    return found


def outside_frame(clip: Clip) -> np.ndarray:
    """Returns bool [N, J]: whether a labelled joint is outside the frame.

    The outer pixels of a frame reach half a pixel beyond their centres. Infinite coordinates, and those that no picture
    can have, do not count as outside.
    """
    height, width = clip.frames.size_hw
    with np.errstate(invalid="ignore"):
        inside = ((clip.joints >= -0.5) & (clip.joints <= np.array([width, height]) - 0.5)).all(-1)
    return (clip.visibility != UNLABELLED) & _are_positions(clip.joints) & ~inside


def _are_positions(joints):
    """bool [N, J]: whether points are in or near a picture of a size that can be read; False for NaN."""
    return (np.abs(joints) <= _LARGEST_PX).all(-1)


def _check_frame(clip, position, facts):
    """Checks the picture of a label, or, if it has none, the number of frames; returns a message and its kind."""
    frames: Any = clip.frames
    pictures = pictures_of(clip)
    if position in pictures.paths:
        path = pictures.paths[position]
        known = facts.get(path)
        try:
            size_hw = (
                pictures.turned_size_hw(_known_size(known, position in pictures.upright))
                if known
                else pictures.size_hw(position)
            )
        except ValueError as error:
            return str(error), "pictures that cannot be used"
        if size_hw != tuple(frames.size_hw):
            expected = f"{frames.size_hw[0]}×{frames.size_hw[1]} px (height×width) as in the rest of the clip"
            turned = describe_orientation(known)
            return f"{path}: expected {expected}, found {size_hw[0]}×{size_hw[1]}{turned}", "pictures of another size"
        return "", ""
    if hasattr(frames, "find_fault"):  # images inside the label file
        fault = frames.find_fault(position)
        return fault, "pictures that cannot be used" if fault else ""
    if position < 0 or frames.num_frames is None or position >= frames.num_frames:
        count = f"{frames.num_frames} frames" if frames.num_frames else "no such image and no video"
        return f"frame {position} does not exist, the clip has {count}", "frames that do not exist"
    if position in missing_frames(frames):
        return f"frame {position} is damaged and does not decode", "frames that are damaged"
    return "", ""


def _known_size(facts, is_upright):
    if facts.fault:
        raise ValueError(facts.fault)
    return facts.upright_hw if is_upright else facts.size_hw
