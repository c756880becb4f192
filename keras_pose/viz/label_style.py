"""What is drawn on a frame, and how it looks.

Letters in shapes: P people, J joints, K older frames.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from keras_pose.skeleton import Skeleton
from keras_pose.viz.heatmap_overlay import Overlay


@dataclasses.dataclass(frozen=True)
class Style:
    """How a labelled video looks.

    Args:
      trail_frames: number of older frames whose joints are joined by a line; 0: no trails.
      fade: whether joints are the fainter, the less certain they are.
      least_confidence: joints below are not drawn; 0 draws all.
      stroke: factor on the size of joints and lines.
      caption: whether there is a line of text below.
      least_side_px: frames with a shorter longer side are enlarged to it.
      most_side_px: frames are reduced until all of them beside each other fit into a square of this side.
      crf: quality of the video, 0 (without loss) to 51; 6 more halves the size of the file.
      preset: name of x264's presets; slower ones make smaller files.
      overlay: function of (uint8 RGB [H, W, 3], the number of the run from 0) to the heatmaps of the frame, or to None
        for none; it is called once for each frame and run. None: no heatmaps.

    Raises:
      ValueError: for numbers out of range.
    """

    trail_frames: int = 10
    fade: bool = True
    least_confidence: float = 0.0
    stroke: float = 1.0
    caption: bool = True
    least_side_px: int = 480
    most_side_px: int = 1920
    crf: int = 22
    preset: str = "veryfast"
    overlay: Callable[[np.ndarray, int], Overlay | None] | None = None

    def __post_init__(self) -> None:
        if self.trail_frames < 0:
            raise ValueError(f"trail_frames: expected 0 or more, received {self.trail_frames}")
        if not 0 <= self.least_confidence <= 1:
            raise ValueError(f"least_confidence: expected 0 to 1, received {self.least_confidence}")
        if not (math.isfinite(self.stroke) and self.stroke > 0):
            raise ValueError(f"stroke: expected a factor above 0, received {self.stroke}")
        if not 16 <= self.least_side_px <= self.most_side_px:
            raise ValueError(
                f"expected 16 <= least_side_px <= most_side_px, received {self.least_side_px} and {self.most_side_px}"
            )


@dataclasses.dataclass(frozen=True, eq=False)
class FramePeople:
    """The people of one frame, in px of the frame.

    Args:
      joints: float [P, J, 2]; NaN: not there.
      confidences: float [P, J], 0 to 1; NaN, or None: unknown.
      ambiguous: bool [P, J]; None: none is.
      older: float [K, P, J, 2], joints of older frames, oldest first; NaN where a trail ends. None: no trail.
    """

    joints: np.ndarray
    confidences: np.ndarray | None = None
    ambiguous: np.ndarray | None = None
    older: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class Run:
    """Whose people are drawn: the name that is written above, the skeleton, and the names of the people."""

    name: str
    skeleton: Skeleton
    people: tuple[str, ...] = ("person",)
