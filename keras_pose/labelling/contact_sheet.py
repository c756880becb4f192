"""A picture of the suggested frames with their starting labels and the reasons."""

from __future__ import annotations

import os

import numpy as np

from keras_pose.labelling.suggestions import Suggestions
from keras_pose.viz import pictures, skeletons
from keras_pose.words import count

_MOST = 60
_COLUMNS = 5
_SIDE_PX = 240


def draw(suggestions: Suggestions) -> np.ndarray:
    """Draws the frames that are the most worth a label, at most 60, in the order of their worth.

    Returns:
      uint8 [H, W, 3].

    Raises:
      ValueError: if a frame cannot be read, or there are none.
    """
    order = sorted(suggestions.frames, key=lambda frame: (-frame.worth, frame.clip, frame.number))[:_MOST]
    shown = {id(frame) for frame in order}
    tiles = {}
    for frame, picture in suggestions.pictures():
        if id(frame) in shown:
            large, scale = skeletons.enlarge(picture, _SIDE_PX)
            points = skeletons.scale_points(frame.joints, scale)
            drawn = skeletons.draw_skeleton(large, points, suggestions.skeleton)
            reasons = frame.describe().split("; ")
            carried = int(frame.carried.sum())
            note = [f"{carried} joints from a label nearby"] if carried else []
            tiles[id(frame)] = pictures.Tile(drawn, (f"{frame.clip} #{frame.number}", *reasons[:3], *note))
    more = f"the first {len(order)} of " if len(order) < len(suggestions.frames) else ""
    return pictures.draw_grid(
        [tiles[id(frame)] for frame in order],
        _COLUMNS,
        title=f"{more}{count(len(suggestions.frames), 'frame')} to label",
        note="drawn: the starting labels; the frame most worth a label first",
    )


def write(path: str | os.PathLike[str], suggestions: Suggestions) -> None:
    """Writes the picture as PNG."""
    pictures.save_png(path, draw(suggestions))
