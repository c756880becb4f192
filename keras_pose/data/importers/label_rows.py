"""Rows of an annotation file on their way into a `Clip`: numbers, positions, and what is wrong with a row.

An importer never fails on a bad row. It keeps the row with the doubtful joint unlabelled, and a `Problem` beside it.
"""

from __future__ import annotations

import dataclasses
import re

import numpy as np

from keras_pose.data.clip import UNLABELLED, VISIBLE, Clip
from keras_pose.data.images import image_size
from keras_pose.data.source import Problem
from keras_pose.data.video import ImageFrames, VideoWithImages

_LARGEST_POSITION = np.iinfo(np.int32).max


@dataclasses.dataclass
class LabelRow:
    """One labelled image.

    Args:
      image: str, path of the image.
      points: float64 [J, 2], (x, y) px; NaN where not given.
      origin: str, `file:row`.
      messages: what is wrong with the row so far.
    """

    image: str
    points: np.ndarray
    origin: str
    messages: list[str] = dataclasses.field(default_factory=list)


def parse_numbers(cells):
    """Reads the cells of a row.

    Args:
      cells: strings; a blank one is a number that was not given.

    Returns:
      float64 [len(cells)], NaN where not given or no number; and a list of messages about cells that are no numbers.
    """
    values, messages = np.full(len(cells), np.nan), []
    for i, cell in enumerate(cells):
        if cell.strip():
            try:
                values[i] = float(cell)
            except ValueError:
                messages.append(f"value {i + 1}: expected a number, found {cell.strip()!r}")
    return values, messages


def positions_by_number(names) -> list[int] | None:
    """Returns the frame number at the end of each name (`img0011.png` is 11), or None where one has none."""
    matches = [re.search(r"(\d+)\.[^.]*$", name) for name in names]
    if not all(matches):
        return None
    numbers = [int(match[1]) for match in matches]
    return numbers if max(numbers, default=0) <= _LARGEST_POSITION else None


def positions_by_order(names) -> list[int]:
    """Returns each name's place among the different names, sorted; a name that stands twice has one position."""
    order = {name: position for position, name in enumerate(sorted(set(names)))}
    return [order[name] for name in names]


def build_clip(name, rows, positions, joints, video=None):
    """Makes a clip of label rows, sorted by position.

    Args:
      name: str, name of the clip.
      rows: `LabelRow`s, at least one.
      positions: the position of each row in the clip, from 0.
      joints: J names, for messages.
      video: `VideoFrames` or None where there are only the images.

    Returns:
      `Clip`, or None where not one image can be read; and a list of `Problem`s.
    """
    order = np.argsort(np.asarray(positions), kind="stable")
    rows, positions = [rows[i] for i in order], [int(positions[i]) for i in order]
    size_hw = _first_size(rows) if video is None else video.size_hw
    if size_hw is None:
        message = f"{rows[0].origin}: none of the {len(rows)} labelled images can be read, the first is {rows[0].image}"
        return None, [Problem(name, None, message)]
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
        labelled=positions,
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
