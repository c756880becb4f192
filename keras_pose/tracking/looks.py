"""What the net found when it looked at a region of a frame."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_pose.tracking.regions import Region


@dataclasses.dataclass(frozen=True)
class Look:
    """The pose that the net found in a region of a frame.

    Args:
      number: number of the frame.
      region: the region that the net looked at.
      joints: float32 [J, 2], (x, y) in px of the frame; NaN: unknown.
      scores: float32 [J], the height of the heatmap at each joint; NaN for a net without heatmaps.
    """

    number: int
    region: Region
    joints: np.ndarray
    scores: np.ndarray

    @classmethod
    def at(cls, number: int, region: Region, joints: np.ndarray, scores: np.ndarray) -> Look:
        """Makes a look of arrays of any floating type."""
        return cls(int(number), region, np.asarray(joints, np.float32), np.asarray(scores, np.float32))

    def height(self) -> float:
        """Returns the mean height of the maps; an unknown joint counts as 0, each joint of a net without maps as 1."""
        known = np.isfinite(self.joints).all(-1)
        heights = np.where(known, np.nan_to_num(self.scores, nan=1.0), 0.0)
        return float(heights.mean(dtype=np.float64))

    def to_json(self) -> list[Any]:
        """Returns the look as JSON, exactly: every float32 is a float64; unknown numbers are null."""
        return [self.number, list(self.region), _to_list(self.joints), _to_list(self.scores)]

    @classmethod
    def from_json(cls, value: Sequence[Any]) -> Look:
        """Makes a look of what `to_json` returned."""
        number, region, joints, scores = value
        return cls(number, tuple(region), np.array(joints, np.float32), np.array(scores, np.float32))


def mean_height(looks: Sequence[Look]) -> float:
    """Returns the mean height of the maps of several looks."""
    return float(np.mean([look.height() for look in looks]))


def _to_list(array):
    return np.where(np.isfinite(array), array.astype(np.float64), None).tolist()
