"""Streams for models that predict a frame from its whole window: simple, at the cost of a window for each frame.

`streaming` is the quick way for nets that pool: it keeps what it has computed.
"""

from __future__ import annotations

import collections
from collections.abc import Callable

import numpy as np

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

    Raises:
      ValueError: for an unknown mode.
    """

    def __init__(
        self,
        predict_middle: Callable[[list[np.ndarray], int], tuple[np.ndarray, np.ndarray]],
        num_joints: int,
        reach: int,
        mode: str = CENTRED,
    ) -> None:
        check_mode(mode)
        self._predict_middle = predict_middle
        self._num_joints = num_joints
        self._lag = reach if mode == CENTRED else 0
        self._frames: collections.deque[np.ndarray] = collections.deque(maxlen=reach + self._lag + 1)
        self._next = 0

    def push(self, frame: np.ndarray | None) -> list[FramePose]:
        """See `Stream.push`."""
        if frame is None:
            return self._skip_frame()
        frame = check_frame(frame, self._next)
        poses = []
        if self._frames and self._frames[-1].shape != frame.shape:
            # A frame of another size starts a scene: windows end before it.
            poses = self._end_scene()
        self._frames.append(frame)
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
        place = middle - (self._next - len(self._frames))
        if place < 0:
            return []
        return [FramePose(middle, *self._predict_middle(list(self._frames), place))]

    def _end_scene(self):
        waiting = range(max(self._next - len(self._frames), self._next - self._lag), self._next)
        poses = [pose for middle in waiting for pose in self._complete(middle)]
        self._frames.clear()
        return poses
