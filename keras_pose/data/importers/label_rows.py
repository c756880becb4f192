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
from keras_pose.data.source import Problem
from keras_pose.media.images import image_size

if TYPE_CHECKING:
    from keras_pose.media.video import VideoFrames

_LARGEST_POSITION = np.iinfo(np.int32).max


@dataclasses.dataclass
class LabelRow:
    """One labelled image.

    Args:
      image: str, path of the image.
      points: float64 [J, 2], (x, y) px; NaN if not given.
      origin: str, `file:row`.
      messages: what is wrong with the row, as far as known.
    """

    image: str
    points: np.ndarray
    origin: str
    messages: list[str] = dataclasses.field(default_factory=list)


def parse_numbers(cells: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Parses the cells of a row.

    Args:
      cells: strings; a blank cell is a number that was not given.

    Returns:
      float64 [len(cells)], NaN for blank cells and cells that are not numbers; and a message about each of the latter.
    """
    values = np.full(len(cells), np.nan)
    messages = []
    for i, cell in enumerate(cells):
        if cell.strip():
            try:
                values[i] = float(cell)
            except ValueError:
                messages.append(f"value {i + 1}: expected a number, found {cell.strip()!r}")
    return values, messages


def positions_by_number(names: Sequence[str]) -> list[int] | None:
    """Returns the frame number at the end of each name (`img0011.png` is 11), or None if any name has no number."""
    matches = [re.search(r"(\d+)\.[^.]*$", name) for name in names]
    numbers = [int(match[1]) for match in matches if match]
    if len(numbers) < len(names):
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
) -> tuple[Clip | None, list[Problem]]:
    """Builds a clip from label rows, sorted by position.

    Args:
      name: name of the clip.
      rows: at least one labelled image.
      positions: the position of each row in the clip, from 0.
      joints: J names, for messages.
      video: the video that the images come from; None if there are only images.

    Returns:
      `Clip`, or None if no image can be read; and a list of `Problem`s.
    """
    order = np.argsort(np.asarray(positions), kind="stable")
    rows = [rows[i] for i in order]
    positions = [int(positions[i]) for i in order]
    size_hw = _first_size(rows) if video is None else video.size_hw
    if size_hw is None:
        message = f"{rows[0].origin}: none of the {len(rows)} labelled images can be read, the first is {rows[0].image}"
        return None, [Problem(name, None, message)]
    # A joint with one coordinate becomes unlabelled, with a message.
    points = np.stack([row.points for row in rows])
    half = np.isnan(points).sum(-1) == 1
    for r, j in zip(*np.nonzero(half)):
        x, y = points[r, j]
        rows[r].messages.append(f"joint {joints[j]!r}: only one coordinate is given, ({x:g}, {y:g})")
    points[half] = np.nan
    paths = {position: row.image for position, row in zip(positions, rows)}
    clip = Clip(
        name=name,
        frames=ImageFrames(paths, size_hw) if video is None else VideoWithImages(video, paths),
        labelled=np.asarray(positions),
        joints=points,
        visibility=np.where(np.isnan(points[..., 0]), UNLABELLED, VISIBLE),
        origins=tuple(row.origin for row in rows),
    )
    return clip, [Problem(name, r, f"{row.origin}: {m}") for r, row in enumerate(rows) for m in row.messages]


def _first_size(rows):
    for row in rows:
        try:
            return image_size(row.image)
        except ValueError:
            continue  # validation reports the row
    return None
