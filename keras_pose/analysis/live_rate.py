"""The rate of the frames that live poses are made of: those of the camera, less those dropped while the net works."""

from __future__ import annotations

import collections

from keras_pose.inference.pose_model import PoseModel
from keras_pose.pooling.reach import ASSUMED_RATE

_RECENT = 30  # frames that the rate is measured on
_FIRST = 10  # frames after which it counts
_CHANGE = 1.25  # factor by which it must differ from the rate in use; streams begin again then


class LiveRate:
    """Measures the rate of frames, and says when the windows of a model should follow it.

    Args:
      model: what predicts.
      first_rate: frames per second until the rate is measured.

    Attributes:
      frame_rate: frames per second that windows are made for.
    """

    def __init__(self, model: PoseModel, first_rate: float = ASSUMED_RATE) -> None:
        self._model = model
        self._times_s: collections.deque[float] = collections.deque(maxlen=_RECENT)
        self.frame_rate = first_rate

    def add(self, time_s: float) -> bool:
        """Notes a frame; returns whether `frame_rate` has changed so that windows have other neighbours.

        Args:
          time_s: time of the frame in s, rising.
        """
        self._times_s.append(time_s)
        passed_s = time_s - self._times_s[0]
        if len(self._times_s) < _FIRST or passed_s <= 0:
            return False
        measured = (len(self._times_s) - 1) / passed_s
        if 1 / _CHANGE < measured / self.frame_rate < _CHANGE:
            return False
        before = self._model.window_reach(self.frame_rate)
        self.frame_rate = measured
        return self._model.window_reach(measured) != before
