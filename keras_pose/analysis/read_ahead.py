"""Reads the frames of a video in a thread, a few frames ahead of those who ask for them."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from keras_pose.media.video import VideoFrames

_WAIT_S = 0.1


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


class ReadAhead:
    """Iterates over the frames of a video that a thread reads.

    Args:
      video: `VideoFrames`; nobody else may read it meanwhile.
      start: number of the first frame.
      end: number of the frame to stop before; 0: the end of the video.
      depth: the largest number of frames that wait.

    Attributes:
      busy_s: seconds that the thread has spent on reading.
      count: frames that it has read.
    """

    def __init__(self, video: VideoFrames, start: int = 0, end: int = 0, depth: int = 16) -> None:
        self.busy_s = 0.0
        self.count = 0
        self._read = lambda: video.numbered_with_times(start)
        self._end = end
        self._queue: queue.Queue[TimedFrame | Exception | None] = queue.Queue(depth)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[TimedFrame]:
        """Yields the frames in order; an error of the thread is raised here, after the frames before it."""
        while True:
            item = self._queue.get()
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item

    def close(self) -> None:
        """Ends the thread."""
        self._stopped.set()
        with contextlib.suppress(queue.Empty):
            while True:
                self._queue.get_nowait()
        self._thread.join()

    def _work(self):
        frames = self._read()
        try:
            while True:
                began = time.perf_counter()
                item = next(frames, None)
                self.busy_s += time.perf_counter() - began
                if item is None or (self._end and item[0] >= self._end):
                    break
                self.count += 1
                if not self._put(TimedFrame(*item)):
                    return
            self._put(None)
        except Exception as error:  # raised where the frames are asked for
            self._put(error)

    def _put(self, item):
        while not self._stopped.is_set():
            try:
                self._queue.put(item, timeout=_WAIT_S)
                return True
            except queue.Full:
                continue
        return False


def in_groups(frames: Iterator[TimedFrame], ends_group: Callable[[int], bool], most: int) -> Iterator[list[TimedFrame]]:
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
