"""Streams for models that predict a frame from its whole window: simple, at the cost of a window for each frame.

`streaming` is the quick way for nets that pool: it keeps what it has computed.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from keras_pose.inference.calibrated import make_pose
from keras_pose.inference.engine import View, view_whole_or_fitted
from keras_pose.inference.frame_checks import check_frame
from keras_pose.inference.pose_model import CENTRED, FramePose, Stream, check_mode


class WindowStream(Stream):
    """Keeps the frames of one window.

    Args:
      predict_middle: function of consecutive frames of one size, a list of uint8 [H, W, 3], and the place of one frame
        in the list, to the joints float32 [J, 2] in px and the scores float32 [J] of that frame.
      num_joints: J.
      reach: frames from the middle of a window to its first one; 0 for single frames.
      mode: "centred" or "causal".
      input_size_hw: (height, width) in px that regions are fitted to; None: regions are refused.
      calibration: what the scores mean; None: unknown.

    Raises:
      ValueError: for an unknown mode.
    """

    def __init__(
        self,
        predict_middle: Callable[[list[np.ndarray], int], tuple[np.ndarray, np.ndarray]],
        num_joints: int,
        reach: int,
        mode: str = CENTRED,
        input_size_hw: tuple[int, int] | None = None,
        calibration: Any = None,
    ) -> None:
        check_mode(mode)
        self._predict_middle = predict_middle
        self._num_joints = num_joints
        self._lag = reach if mode == CENTRED else 0
        self._input_size_hw = input_size_hw
        self._calibration = calibration
        self._views: collections.deque[View] = collections.deque(maxlen=reach + self._lag + 1)
        self._next = 0

    def push(self, frame: np.ndarray | None, region: Sequence[float] | None = None) -> list[FramePose]:
        """See `Stream.push`."""
        if frame is None:
            return self._skip_frame()
        view = view_whole_or_fitted(check_frame(frame, self._next), region, self._input_size_hw)
        poses = []
        if self._views and self._views[-1].image.shape != view.image.shape:
            # A frame of another size starts a scene: windows end before it.
            poses = self._end_scene()
        self._views.append(view)
        self._next += 1
        return poses + self._complete(self._next - 1 - self._lag)

    def flush(self) -> list[FramePose]:
        """See `Stream.flush`."""
        poses = self._end_scene()
        self._next = 0
        return poses

    def _skip_frame(self):
        poses = [*self._end_scene(), FramePose.missing(self._next, self._num_joints)]
        self._next += 1
        return poses

    def _complete(self, middle):
        """The pose of frame `middle`, if its frame is there."""
        place = middle - (self._next - len(self._views))
        if place < 0:
            return []
        joints, scores = self._predict_middle([view.image for view in self._views], place)
        return [make_pose(middle, self._views[place], np.c_[joints, scores], self._calibration)]

    def _end_scene(self):
        waiting = range(max(self._next - len(self._views), self._next - self._lag), self._next)
        poses = [pose for middle in waiting for pose in self._complete(middle)]
        self._views.clear()
        return poses
