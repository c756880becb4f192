"""The frames of a video in groups, and how long it takes to read them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from keras_pose.media.video import VideoFrames


class TimedFrame(NamedTuple):
    """A frame of a video.

    Attributes:
      number: its position, from 0.
      time_s: when it is shown, in s from the start of the video; None: unknown.
      frame: uint8 [H, W, 3], RGB, upright; None: it could not be decoded.
    """

    number: int
    time_s: float | None
    frame: np.ndarray | None


class FrameReader:
    """Reads frames in order; `media.read_ahead` does so in a thread.

    Args:
      video: `VideoFrames`; nobody else may read it meanwhile.
      start: number of the first frame.
      end: number of the frame to stop before; 0: the end of the video.

    Attributes:
      busy_s: seconds that were spent on reading.
      count: frames that were read.
    """

    def __init__(self, video: VideoFrames, start: int = 0, end: int = 0) -> None:
        self.busy_s = 0.0
        self.count = 0
        self._video = video
        self._start = start
        self._end = end

    def read(self) -> Iterator[TimedFrame]:
        """Yields the frames, once."""
        frames = self._video.numbered_with_times(self._start)
        while True:
            began = time.perf_counter()
            item = next(frames, None)
            self.busy_s += time.perf_counter() - began
            if item is None or (self._end and item[0] >= self._end):
                return
            self.count += 1
            yield TimedFrame(*item)


def in_groups(frames: Iterable[TimedFrame], ends_group: Callable[[int], bool], most: int) -> Iterator[list[TimedFrame]]:
    """Yields groups of consecutive frames.

    Args:
      frames: frames in order.
      ends_group: function of the number of a frame: whether a group ends with it in any case.
      most: the largest number of frames in a group.
    """
    group: list[TimedFrame] = []
    for item in frames:
        group.append(item)
        if len(group) >= most or ends_group(item.number):
            yield group
            group = []
    if group:
        yield group
