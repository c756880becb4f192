"""Where to look in live frames: a source of regions that is opened when the size of the frames is known."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_pose.inference.engine import Region
from keras_pose.tracking import sources
from keras_pose.tracking.regions import RegionSource


class LiveRegions:
    """The regions that flags ask for. If the frames change their size, people are looked for again.

    Args:
      region: "follow", or "x,y,width,height" in px; ignored if there is a detector.
      detector: folder of a SavedModel that finds people; empty: none.
      aspect: width of the net's input divided by its height.
      **options: further arguments of `sources.open_source`.
    """

    def __init__(self, region: str, detector: str = "", aspect: float = 1.0, **options: Any) -> None:
        self._open = lambda size_hw: sources.open_source(
            region, "", detector, frame_size_hw=size_hw, aspect=aspect, **options
        )
        self._size_hw: tuple[int, ...] = ()
        self._source: RegionSource | None = None

    def regions(self, number: int, frame: np.ndarray) -> dict[str, Region]:
        """See `RegionSource.regions`.

        Raises:
          ValueError: if a region does not overlap the frame, or the detector cannot be used.
        """
        if self._source is None or frame.shape[:2] != self._size_hw:
            self._size_hw = frame.shape[:2]
            self._source = self._open(self._size_hw)
        return self._source.regions(number, frame)

    def update(self, number: int, track: str, joints: np.ndarray, scores: np.ndarray) -> None:
        """See `RegionSource.update`."""
        if self._source is not None:
            self._source.update(number, track, joints, scores)
