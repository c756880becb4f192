"""Reads frames from a video file.

The position of a frame is its 0-based place in the order in which the video is shown. The reader trusts neither the
frame count of the container nor seeking: H.264 in AVI may state twice as many frames as it has. Frames are counted by
decoding them. They are read by decoding forwards from the last position, or from the start.

A frame that does not decode keeps its place: the frames behind it have the numbers of the undamaged video. Every frame
is turned upright as players show it.
"""

from __future__ import annotations

import collections
import copy
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import cast

import numpy as np

from keras_pose.media.frame_cursor import FrameCursor
from keras_pose.media.images import stack_images
from keras_pose.media.observed_depth import observed_bits
from keras_pose.media.open_readers import OpenReaders
from keras_pose.media.orientation import swaps_sides, turn_upright
from keras_pose.media.pixels import PixelConverter, frame_orientation, is_deep
from keras_pose.media.video_writer import write_video

__all__ = ["VideoFrames", "write_video"]

_RECENT_FRAMES = 32
_RECENT_BYTES = 32 << 20  # when a window moves on by a frame, its other frames are still here
_OPEN_READERS = OpenReaders()


class VideoFrames:
    """The frames of a video file (a `Frames`, safe to share between threads).

    Reading in rising order decodes each frame once. Going back further than the last few frames decodes again from the
    start of the file. When the whole video was decoded and frames are missing or doubtful, or the file is cut, a
    `MediaWarning` says so, once for each reader.

    Args:
      path: path of the video file.
      upright: whether to turn frames as players do; False gives them as they are stored.

    Attributes:
      size_hw: (height, width) in px of the frames, upright unless `upright` is False.
      fps: float, frames per second as the container states it; 0 if it does not.
      orientation: how the stored frames are turned to be upright, 1 (not at all) to 8, the values of EXIF.

    Raises:
      ValueError: if the file is missing or none of its frames decodes; the message names the file.
    """

    def __init__(self, path: str | os.PathLike[str], upright: bool = True) -> None:
        self.path = os.fspath(path)
        self._lock = threading.Lock()
        self._recent: collections.OrderedDict[int, np.ndarray] = collections.OrderedDict()
        self._cursor = FrameCursor(self.path)
        self._converter: PixelConverter | None = None
        if not self._cursor.advance():
            raise ValueError(f"{self.path}: expected a video, but none of its frames decodes (empty or damaged file)")
        self.fps = self._cursor.fps
        frame = self._cursor.frame
        self._stored_size = (int(frame.height), int(frame.width))
        self.orientation = frame_orientation(frame)
        self._turn = self.orientation if upright else 1
        self.size_hw = self._stored_size[::-1] if swaps_sides(self._turn) else self._stored_size
        self._cursor.rewind()  # many videos may be open at once, but few are read at once

    @property
    def num_frames(self) -> int:
        """The number of frames, missing ones included. The first use decodes the whole file."""
        with self._lock:
            if self._cursor.num_frames is None:
                self._cursor.forward(sys.maxsize)
            return cast(int, self._cursor.num_frames)

    @property
    def missing(self) -> frozenset[int]:
        """Positions that the file holds but that do not decode, as far as known: all of them after `num_frames`."""
        return self._cursor.survey.numbering.missing if self._cursor.survey else frozenset()

    @property
    def doubtful(self) -> frozenset[int]:
        """Positions whose frames decode but rest on damaged data, as far as known; they may look wrong."""
        return self._cursor.survey.numbering.doubtful if self._cursor.survey else frozenset()

    def read(self, indices: Iterable[int]) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the frames at these 0-based positions in this order.

        Raises:
          ValueError: if a position is negative, past the last frame, or the frame is damaged so that it does not
            decode; the message names file and frame.
        """
        indices = [int(i) for i in indices]
        with self._lock:
            frames = {i: self._read(i) for i in sorted(set(indices))}
        _OPEN_READERS.used(self)
        return stack_images([frames[i] for i in indices], self.size_hw)

    def has_frame(self, index: int) -> bool:
        """Whether frame `index` decodes. Costs as much as reading it; a damaged video is decoded to its end."""
        with self._lock:
            return self._cursor.has_frame(index)

    def time_s(self, index: int) -> float | None:
        """Returns when frame `index` is shown, in s from the start of the video; None if the file does not say.

        The times are those of the container, so a variable frame rate is kept. A frame that does not decode has the
        time between its neighbours. If the container has no times, the stated frame rate gives them. Costs as much as
        `has_frame` if the frame was not read yet.

        Raises:
          ValueError: if there is no such position; the message names file and frame.
        """
        with self._lock:
            return self._cursor.time_s(index)

    def numbered(self) -> Iterator[tuple[int, np.ndarray | None]]:
        """Yields (position, frame) of every position in order, without counting them first.

        The frame is uint8 RGB [H, W, 3], or None if it does not decode.

        Raises:
          ValueError: if a frame has another size than the first; the message names file and frame.
        """
        for index, _, frame in self.numbered_with_times():
            yield index, frame

    def numbered_with_times(self, start: int = 0) -> Iterator[tuple[int, float | None, np.ndarray | None]]:
        """Yields (position, time, frame) of every position in order, without counting them first.

        The time is that of `time_s`; the frame is uint8 RGB [H, W, 3], or None if it does not decode.

        Args:
          start: the first position. Decoding starts at a keyframe before it if the file is such that positions and
            frames are surely the same (`seeking.find_start`), otherwise at the beginning.

        Raises:
          ValueError: if a frame has another size than the first; the message names file and frame.
        """
        if start > 0:
            with self._lock:
                self._cursor.start_before(start)
        index = start
        while True:
            if self.has_frame(index):
                yield index, self.time_s(index), self.read([index])[0]
            elif index < self.num_frames:
                yield index, self.time_s(index), None
            else:
                return
            index += 1

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yields every frame in order, uint8 RGB [H, W, 3], without counting them first.

        A frame that does not decode is an error, because the frames behind it would get wrong numbers; `numbered`
        goes on.

        Raises:
          ValueError: if a frame cannot be read; the message names file and frame.
        """
        for index, frame in self.numbered():
            yield self.read([index])[0] if frame is None else frame

    def reopen(self) -> VideoFrames:
        """Returns a reader of the same video with a decoder of its own. It knows what this one knows of damage."""
        with self._lock:
            other = copy.copy(self)
            other._cursor = self._cursor.reopen()
        other._lock = threading.Lock()
        other._recent = collections.OrderedDict()
        other._converter = None
        return other

    def close(self) -> None:
        """Releases the decoder and the frames in memory; a later `read` opens the file again."""
        with self._lock:
            self._release()

    def close_if_idle(self) -> bool:
        """As `close`, unless another thread is reading; returns whether it was done."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            self._release()
        finally:
            self._lock.release()
        return True

    def _release(self):
        self._cursor.rewind()
        self._recent.clear()

    def _read(self, index):
        if index in self._recent:
            return self._recent[index]
        if index < 0:
            raise ValueError(f"{self.path}: expected frame positions from 0, received {index}")
        if not self._cursor.forward(index):
            if index in self.missing:
                raise ValueError(f"{self.path}: frame {index} is damaged and does not decode")
            count = self._cursor.num_frames
            raise ValueError(f"{self.path}: cannot read frame {index}: the video ends after {count} frames")
        frame = self._cursor.frame
        if (frame.height, frame.width) != self._stored_size:
            raise ValueError(
                f"{self.path}: frame {index}: expected {self._stored_size[0]}×{self._stored_size[1]} px (height×width) "
                f"as in frame 0, found {frame.height}×{frame.width}: the size changes within the video"
            )
        if self._converter is None:
            self._converter = PixelConverter(observed_bits(self.path) if is_deep(frame) else 16)
        return self._remember(index, turn_upright(self._converter.to_rgb(frame), self._turn))

    def _remember(self, index, image):
        self._recent[index] = image
        room = min(_RECENT_FRAMES, max(1, _RECENT_BYTES // image.nbytes))
        while len(self._recent) > room:
            self._recent.popitem(last=False)
        return image
