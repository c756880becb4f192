"""One person, whose region follows the poses; see `follower`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_pose.poses.video_poses import ONE_PERSON
from keras_pose.tracking.follow_settings import FollowSettings
from keras_pose.tracking.follower import Follower
from keras_pose.tracking.region_shapes import FrameShape
from keras_pose.tracking.regions import Region, RegionSource


class Following(RegionSource):
    """One person, who is followed. If the size of the frames changes, the person is looked for again.

    Args:
      aspect: width of the net's input divided by its height.
      settings: `FollowSettings`.
      start: region to begin with; None: the whole frame.

    Example:

    >>> source = Following(aspect=1.0)
    >>> region = source.regions(0, frame)["person"]  # the whole frame
    >>> source.update(0, "person", joints, scores)  # what the net found there
    """

    def __init__(
        self, aspect: float = 1.0, settings: FollowSettings | None = None, start: Region | None = None
    ) -> None:
        self._aspect = aspect
        self._settings = settings or FollowSettings()
        self._start = start
        self._shape: FrameShape | None = None  # of the frames so far
        self._follower: Follower | None = None
        self.block = self._settings.block

    def regions(self, number: int, frame: np.ndarray) -> dict[str, Region]:
        """See `RegionSource.regions`."""
        shape = FrameShape((int(frame.shape[0]), int(frame.shape[1])), self._aspect)
        if self._follower is None or shape != self._shape:
            start = self._start if self._follower is None else None
            self._shape = shape
            self._follower = Follower(shape, self._settings, start)
        return {ONE_PERSON[0]: self._follower.region(number)}

    def update(self, number: int, track: str, joints: np.ndarray, scores: np.ndarray) -> None:
        """See `RegionSource.update`."""
        if self._follower is not None:
            self._follower.update(number, joints, scores)

    def state(self) -> dict[str, Any]:
        """See `RegionSource.state`."""
        if self._follower is None or self._shape is None:
            return {}
        return {"size_hw": list(self._shape.size_hw), "follower": self._follower.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """See `RegionSource.restore`."""
        self._shape = None
        self._follower = None
        if state:
            height, width = state["size_hw"]
            self._shape = FrameShape((height, width), self._aspect)
            self._follower = Follower(self._shape, self._settings)
            self._follower.restore(state["follower"])
