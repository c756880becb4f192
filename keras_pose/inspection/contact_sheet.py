"""A picture of labelled frames with their joints and names, spread evenly over all labels."""

from __future__ import annotations

import math

import numpy as np

from keras_pose.data.clip import VISIBLE
from keras_pose.data.source import Source
from keras_pose.viz import pictures, skeletons

_SIDE_PX = 360


def draw_contact_sheet(source: Source, count: int, title: str) -> tuple[np.ndarray, list[str]]:
    """Draws labelled frames.

    Args:
      source: clips with valid labels.
      count: number of frames, at least 1.
      title: heading.

    Returns:
      uint8 [H, W, 3], and a message for each frame that could not be read.
    """
    rows = [(clip, row) for clip in source.clips for row in range(clip.num_labelled)]
    places = np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).round().astype(int))
    tiles = []
    faults = []
    for clip, row in (rows[place] for place in places):
        try:
            frame = clip.frames.read([int(clip.labelled[row])])[0]
        except (OSError, ValueError) as error:
            faults.append(str(error))
            continue
        large, scale = skeletons.enlarge(frame, _SIDE_PX)
        points = skeletons.scale_points(clip.joints[row], scale)
        drawn = skeletons.draw_skeleton(large, points, source.skeleton, clip.visibility[row])
        seen = int((clip.visibility[row] == VISIBLE).sum())
        labelled = int((clip.visibility[row] > 0).sum())
        counts = f"{labelled} joints" + (f", {labelled - seen} hidden" if labelled > seen else "")
        tiles.append(pictures.Tile(drawn, (f"{_shorten(clip.name)} : {int(clip.labelled[row])}", counts)))
    if not tiles:
        raise ValueError(f"{source.name}: none of {len(places)} labelled frames can be read: {faults[0]}")
    columns = min(len(tiles), max(1, math.ceil(math.sqrt(1.3 * len(tiles)))))
    note = ", ".join(source.skeleton.joints)
    note = note if len(note) <= 160 else note[:157] + "…"
    return pictures.draw_grid(tiles, columns, title, note), faults


def _shorten(name):
    return name if len(name) <= 34 else f"…{name[-33:]}"
