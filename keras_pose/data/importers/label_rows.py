"""Turns rows of an annotation file into a `Clip`: parses numbers, finds positions, and reports what is wrong.

An importer never fails on a bad row. It keeps the row, marks the invalid joint as unlabelled, and adds a `Problem`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_pose.data.clip import UNLABELLED, VISIBLE, Clip
from keras_pose.data.image_frames import ImageFrames, VideoWithImages
from keras_pose.data.pictures.files import PictureFiles
from keras_pose.data.source import Problem
from keras_pose.media.images import image_size

if TYPE_CHECKING:
    from keras_pose.media.video import VideoFrames

_LARGEST_POSITION = np.iinfo(np.int32).max
_MOST_DIGITS = 255  # names of files are not longer; Python refuses numbers of thousands of digits


@dataclasses.dataclass
class LabelRow:
    """One labelled image.

    Args:
      image: str, path of the image.
      points: float64 [J, 2], (x, y) px; NaN if not given.
      origin: str, `file:row`.
      messages: what is wrong with the row, as far as known.
      joint_messages: what is wrong with a single joint: (position of the joint, message).
    """

    image: str
    points: np.ndarray
    origin: str
    messages: list[str] = dataclasses.field(default_factory=list)
    joint_messages: list[tuple[int, str]] = dataclasses.field(default_factory=list)


def parse_numbers(cells: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Parses the cells of a row.

    Args:
      cells: strings; a blank cell is a number that was not given.

    Returns:
      float64 [len(cells)], NaN for blank cells and cells that are not numbers; and a message about each of the latter.
    """
    values, faults = parse_cells(cells)
    return values, list(faults.values())


def parse_cells(cells: Sequence[str]) -> tuple[np.ndarray, dict[int, str]]:
    """Parses the cells of a row, like `parse_numbers`, but returns the messages by position of the cell."""
    values = np.full(len(cells), np.nan)
    faults = {}
    for i, cell in enumerate(cells):
        if cell.strip():
            try:
                values[i] = float(cell)
            except ValueError:
                faults[i] = f"value {i + 1}: expected a number, found {cell.strip()!r}"
    return values, faults


def positions_by_number(names: Sequence[str]) -> list[int] | None:
    """Returns the frame number at the end of each name: `img0011.png` is 11.

    None if any name has no number, or different names have the same number (`a_001.png`, `b_001.png`): then the numbers
    are not those of frames of one video.
    """
    matches = [re.search(r"(\d+)\.[^.]*$", name) for name in names]
    numbers = [int(match[1]) for match in matches if match and len(match[1]) <= _MOST_DIGITS]
    if len(numbers) < len(names):
        return None
    if len(set(numbers)) < len(set(names)):
        return None
    return numbers if max(numbers, default=0) <= _LARGEST_POSITION else None


def positions_by_order(names: Sequence[str]) -> list[int]:
    """Returns the place of each name in alphabetical order; equal names have the same place."""
    order = {name: position for position, name in enumerate(sorted(set(names)))}
    return [order[name] for name in names]


def build_clip(
    name: str,
    rows: Sequence[LabelRow],
    positions: Sequence[int],
    joints: Sequence[str],
    video: VideoFrames | None = None,
    turn: int = 1,
) -> tuple[Clip | None, list[Problem]]:
    """Builds a clip from label rows, sorted by position.

    Args:
      name: name of the clip.
      rows: at least one labelled image.
      positions: the position of each row in the clip, from 0.
      joints: J names, for messages.
      video: the video that the images come from; None if there are only images.
      turn: how the images are turned to lie like the video, 1 (not at all) to 8; the points of `rows` are turned.

    Returns:
      `Clip`, or None if no image can be read; and a list of `Problem`s.
    """
    order = np.argsort(np.asarray(positions), kind="stable")
    rows = [rows[i] for i in order]
    positions = [int(positions[i]) for i in order]
    if video is None and not _any_readable(rows):
        message = f"{rows[0].origin}: none of the {len(rows)} labelled images can be read, the first is {rows[0].image}"
        return None, [Problem(name, None, message)]
    # A joint with one coordinate becomes unlabelled, with a message.
    points = np.stack([row.points for row in rows])
    half = np.isnan(points).sum(-1) == 1
    for r, j in zip(*np.nonzero(half)):
        x, y = points[r, j]
        if int(j) not in [joint for joint, _ in rows[r].joint_messages]:
            message = f"joint {joints[j]!r}: only one coordinate is given, ({x:g}, {y:g})"
            rows[r].joint_messages.append((int(j), message))
    points[half] = np.nan
    files = PictureFiles({position: row.image for position, row in zip(positions, rows)}, turn=turn)
    clip = Clip(
        name=name,
        frames=ImageFrames(files) if video is None else VideoWithImages(video, files),
        labelled=np.asarray(positions),
        joints=points,
        visibility=np.where(np.isnan(points[..., 0]), UNLABELLED, VISIBLE),
        origins=tuple(row.origin for row in rows),
    )
    problems = []
    for r, row in enumerate(rows):
        problems += [Problem(name, r, f"{row.origin}: {message}") for message in row.messages]
        problems += [Problem(name, r, f"{row.origin}: {message}", joint) for joint, message in row.joint_messages]
    return clip, problems


def _any_readable(rows):
    for row in rows:
        try:
            image_size(row.image)
            return True
        except ValueError:
            continue  # validation reports the row
    return False
