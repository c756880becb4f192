"""A video that is opened when its first frame is read: data sets of thousands of short videos open in seconds."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable

import numpy as np

from keras_pose.media.frame_count import read_packets
from keras_pose.media.video import VideoFrames


class LazyVideo:
    """The frames of a video whose number and size are known (a `Frames`, safe to share between threads).

    Args:
      path: path of the video.
      num_frames: number of its frames.
      size_hw: (height, width) of its frames in px.
      fps: frames per second as the file states it; 0 if it does not.
    """

    def __init__(
        self, path: str | os.PathLike[str], num_frames: int, size_hw: tuple[int, int], fps: float = 0.0
    ) -> None:
        self.path = os.fspath(path)
        self.num_frames = num_frames
        self.size_hw = size_hw
        self.fps = fps
        self._lock = threading.Lock()
        self._video: VideoFrames | None = None

    def read(self, indices: Iterable[int]) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the frames at these 0-based positions in this order.

        Raises:
          ValueError: if a frame cannot be read, or has another size than the file states; the message names the file.
        """
        return self._open().read(indices)

    @property
    def missing(self) -> frozenset[int]:
        """Positions that do not decode, as far as known: none before the first frame was read."""
        return self._video.missing if self._video else frozenset()

    def reopen(self) -> VideoFrames:
        """Returns a reader of the same file with a decoder of its own."""
        return self._open().reopen()

    def close(self) -> None:
        """Releases the decoder and the frames in memory; a later `read` opens the file again."""
        with self._lock:
            if self._video is not None:
                self._video.close()

    def _open(self):
        with self._lock:
            if self._video is None:
                video = VideoFrames(self.path)
                if video.size_hw != self.size_hw:
                    raise ValueError(
                        f"{self.path}: expected frames of {self.size_hw[0]}×{self.size_hw[1]} px (height×width) as "
                        f"the file states, found {video.size_hw[0]}×{video.size_hw[1]}"
                    )
                self._video = video
            return self._video


def open_video(path: str | os.PathLike[str]) -> LazyVideo | VideoFrames:
    """Opens a video without decoding it, if its packets tell the number of frames for sure.

    For data sets whose videos are stored upright: a turned video is refused when it is read.

    Raises:
      ValueError: if the file is no video; the message names it.
    """
    facts = read_packets(path)
    return VideoFrames(path) if facts is None else LazyVideo(path, *facts)
