"""Where the net looks in each frame: the interface of all sources of regions, the whole frame, and a fixed box.

A region is (left, top, width, height) in px of the upright frame, of its edges, as `CropTransform.fit` takes it: the
net sees it with one scale for both axes, centred in its input. A source of regions names the people ("tracks") that it
looks at; each of them has one region in a frame, or none if the person is not there.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_pose.poses.video_poses import ONE_PERSON

Region = tuple[float, float, float, float]


class RegionSource(abc.ABC):
    """Says where to look in the frames of one video.

    Frames are asked for in rising order; some may be missing. After the net has looked at the region of a track,
    `update` may be called with what it found, in the order of the frames. What regions depend on is fixed, so that the
    same frames and poses give the same regions, however many frames are predicted at once.

    Attributes:
      block: the regions of frames [k·block, (k+1)·block) depend only on updates of frames before k·block, so they can
        be asked for as soon as these were given. 1: the region of a frame depends on the updates of all frames before
        it. 0: regions never depend on updates.
    """

    block: int = 0

    @abc.abstractmethod
    def regions(self, number: int, frame: np.ndarray) -> dict[str, Region]:
        """Returns the regions of a frame: (left, top, width, height) in px by name of the track.

        Args:
          number: number of the frame, from 0.
          frame: uint8 [H, W, 3], RGB.
        """

    def update(self, number: int, track: str, joints: np.ndarray, scores: np.ndarray) -> None:  # noqa: B027
        """Takes what the net has found in the region of a track, before pooling. Ignored by default.

        Args:
          number: number of the frame.
          track: name of the track.
          joints: float32 [J, 2], (x, y) in px of the frame; NaN: unknown.
          scores: float32 [J], the height of the heatmap at each joint; NaN for a net without heatmaps.
        """

    def state(self) -> dict[str, Any]:
        """Returns everything that later regions depend on, as JSON, for `restore`."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:  # noqa: B027
        """Goes on where another source of the same kind and settings was when it returned this state."""


class WholeFrame(RegionSource):
    """One person, whose region is the whole frame."""

    def regions(self, number: int, frame: np.ndarray) -> dict[str, Region]:
        """See `RegionSource.regions`."""
        height, width = frame.shape[:2]
        return {ONE_PERSON[0]: (0.0, 0.0, float(width), float(height))}


class FixedRegion(RegionSource):
    """One person, whose region is the same in all frames.

    Args:
      region: (left, top, width, height) in px. Parts outside the frame show black.
    """

    def __init__(self, region: Region) -> None:
        self._region = region

    def regions(self, number: int, frame: np.ndarray) -> dict[str, Region]:
        """See `RegionSource.regions`.

        Raises:
          ValueError: if the region lies outside the frame.
        """
        check_overlap(self._region, frame.shape[:2], "region")
        return {ONE_PERSON[0]: self._region}


def parse_region(text: str, name: str = "--region") -> Region:
    """Reads a region that a user has written: "x,y,width,height" in px.

    Args:
      text: what the user wrote.
      name: the flag, for messages.

    Raises:
      ValueError: for anything but four finite numbers with a width and a height above 0.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or min(numbers[2:]) <= 0:
        raise ValueError(
            f"{name}: expected x,y,width,height in px with a width and a height above 0, such as 100,50,320,320, "
            f"received {text!r}"
        )
    left, top, width, height = numbers
    return left, top, width, height


def check_overlap(region: Region, frame_size_hw: tuple[int, ...], name: str) -> None:
    """Checks that a part of a region lies in the frame.

    Args:
      region: (left, top, width, height) in px.
      frame_size_hw: (height, width) of the frame in px.
      name: the flag or file, for messages.

    Raises:
      ValueError: if it lies outside.
    """
    left, top, width, height = region
    frame_height, frame_width = frame_size_hw
    if left >= frame_width or top >= frame_height or left + width <= 0 or top + height <= 0:
        shown = ",".join(f"{number:g}" for number in region)
        raise ValueError(
            f"{name}: expected a region that overlaps the frame of {frame_width}x{frame_height} px, received {shown}"
        )
