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
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, cast

import numpy as np

from keras_pose.media.decoding import FrameDecoder
from keras_pose.media.images import stack_images
from keras_pose.media.messages import MediaWarning
from keras_pose.media.observed_depth import observed_bits
from keras_pose.media.open_readers import OpenReaders
from keras_pose.media.orientation import swaps_sides, turn_upright
from keras_pose.media.pixels import PixelConverter, frame_orientation, is_deep
from keras_pose.media.seeking import Start, find_start
from keras_pose.media.survey import Survey, describe_damage, survey_video
from keras_pose.media.times import Timeline
from keras_pose.media.video_writer import write_video
from keras_pose.media.watch import DamageError

__all__ = ["VideoFrames", "write_video"]

_RECENT_FRAMES = 32
_NEAR_FRAMES = 50  # frames that are decoded sooner than a keyframe is looked for
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
        self.fps = 0.0
        self._lock = threading.Lock()
        self._recent: collections.OrderedDict[int, np.ndarray] = collections.OrderedDict()
        self._decoder: FrameDecoder | None = None
        self._frame: Any = None  # the frame that was decoded last
        self._ordinal = -1  # its place among the frames that decode
        self._timeline = Timeline()  # of the frames that decode, by their place
        self._start: Start | None = None  # where the decoder started, if not at the beginning
        self._num_frames: int | None = None
        self._survey: Survey | None = None  # of a damaged video
        self._ordinals: dict[int | None, int] = {}  # of the frames of a damaged video, by position
        self._converter: PixelConverter | None = None
        if not self._advance():
            raise ValueError(f"{self.path}: expected a video, but none of its frames decodes (empty or damaged file)")
        frame = cast(Any, self._frame)
        self._stored_size = (int(frame.height), int(frame.width))
        self.orientation = frame_orientation(frame)
        self._turn = self.orientation if upright else 1
        self.size_hw = self._stored_size[::-1] if swaps_sides(self._turn) else self._stored_size
        self._rewind()  # many videos may be open at once, but few are read at once

    @property
    def num_frames(self) -> int:
        """The number of frames, missing ones included. The first use decodes the whole file."""
        with self._lock:
            if self._num_frames is None:
                self._forward(sys.maxsize)
            return cast(int, self._num_frames)

    @property
    def missing(self) -> frozenset[int]:
        """Positions that the file holds but that do not decode, as far as known: all of them after `num_frames`."""
        return self._survey.numbering.missing if self._survey else frozenset()

    @property
    def doubtful(self) -> frozenset[int]:
        """Positions whose frames decode but rest on damaged data, as far as known; they may look wrong."""
        return self._survey.numbering.doubtful if self._survey else frozenset()

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
            if index < 0 or index in self.missing:
                return False
            if self._num_frames is not None:
                return index < self._num_frames
            return index <= self._ordinal or self._forward(index)

    def time_s(self, index: int) -> float | None:
        """Returns when frame `index` is shown, in s from the start of the video; None if the file does not say.

        The times are those of the container, so a variable frame rate is kept. A frame that does not decode has the
        time between its neighbours. If the container has no times, the stated frame rate gives them. Costs as much as
        `has_frame` if the frame was not read yet.

        Raises:
          ValueError: if there is no such position; the message names file and frame.
        """
        with self._lock:
            if self._survey is None and not self._timeline.first <= index < self._timeline.end:
                self._forward(index if index >= 0 else sys.maxsize)
            if self._num_frames is not None and not 0 <= index < self._num_frames:
                last = self._num_frames - 1
                raise ValueError(f"{self.path}: frame {index}: expected a position from 0 to {last}")
            if self._survey is None:
                return self._timeline.time_s(index)
            if self._survey.times_s:
                return self._survey.times_s[index]
            return index / self.fps if self.fps else None

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
            self._start_before(start)
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
        other._lock = threading.Lock()
        other._recent = collections.OrderedDict()
        other._decoder = None
        other._frame = None
        other._ordinal = -1
        other._timeline = Timeline()
        other._start = None
        other._converter = None
        if other._survey is None:
            other._num_frames = None  # else it would not start in the middle
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
        self._rewind()
        self._recent.clear()

    def _read(self, index):
        if index in self._recent:
            return self._recent[index]
        if index < 0:
            raise ValueError(f"{self.path}: expected frame positions from 0, received {index}")
        if not self._forward(index):
            if index in self.missing:
                raise ValueError(f"{self.path}: frame {index} is damaged and does not decode")
            raise ValueError(f"{self.path}: cannot read frame {index}: the video ends after {self._num_frames} frames")
        frame = self._frame
        if (frame.height, frame.width) != self._stored_size:
            raise ValueError(
                f"{self.path}: frame {index}: expected {self._stored_size[0]}×{self._stored_size[1]} px (height×width) "
                f"as in frame 0, found {frame.height}×{frame.width}: the size changes within the video"
            )
        if self._converter is None:
            self._converter = PixelConverter(observed_bits(self.path) if is_deep(frame) else 16)
        return self._remember(index, turn_upright(self._converter.to_rgb(frame), self._turn))

    def _start_before(self, index):
        """Lets the decoder start at a keyframe before a frame, if it would decode more otherwise."""
        with self._lock:
            if self._survey is not None or self._num_frames is not None or 0 <= index - self._ordinal <= _NEAR_FRAMES:
                return
            start = find_start(self.path, index)
            behind = self._ordinal > index  # the decoder must go back in any case
            if start is not None and (behind or start.position > self._ordinal):
                self._rewind()
                self._start = start
                self._ordinal = start.position - 1
                self._timeline = Timeline(start.position, start.origin)

    def _forward(self, index):
        """Decodes up to frame `index`; False if there is none, which also sets the number of frames."""
        while True:
            ordinal = index if self._survey is None else self._ordinals.get(index)
            if ordinal is None:
                return False
            if ordinal == self._ordinal:
                return True
            if ordinal < self._ordinal:
                self._rewind()
            if not self._advance():
                return False

    def _advance(self):
        """Decodes the next frame; False at the end of the video."""
        try:
            if self._decoder is None:
                self._decoder = FrameDecoder(self.path, self._survey is not None, self._start)
                self.fps = self._decoder.fps
            self._frame = next(self._decoder)
            self._ordinal += 1
            if self._ordinal == self._timeline.end:
                self._timeline.add(self._decoder.time, self._decoder.time_base, self.fps)
            return True
        except StopIteration:
            if self._num_frames is None:
                self._num_frames = self._ordinal + 1
            self._rewind()
            return False
        except DamageError:
            # After a start in the middle, the place is that of an undamaged video.
            return self._advance_carefully(0 if self._start else self._ordinal + 1)

    def _advance_carefully(self, ordinal):
        """Finds the positions of the frames of a damaged video, and decodes it again up to a frame."""
        self._rewind()
        self._survey = survey_video(self.path)
        numbering = self._survey.numbering
        self._ordinals = {position: place for place, position in enumerate(numbering.positions)}
        self._num_frames = numbering.count
        damage = describe_damage(self._survey)
        if damage:
            warnings.warn(f"{self.path}: {damage}", MediaWarning, stacklevel=2)
        while self._ordinal < ordinal:
            if not self._advance():
                return False
        return True

    def _remember(self, index, image):
        self._recent[index] = image
        room = min(_RECENT_FRAMES, max(1, _RECENT_BYTES // image.nbytes))
        while len(self._recent) > room:
            self._recent.popitem(last=False)
        return image

    def _rewind(self):
        if self._decoder is not None:
            self._decoder.close()
        self._decoder = None
        self._frame = None
        self._ordinal = -1
        if self._start is not None:
            self._start = None
            self._timeline = Timeline()
