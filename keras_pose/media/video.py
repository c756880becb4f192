"""Reads frames from a video file, and writes a video file.

The position of a frame is its 0-based place in the order in which the video decodes. The reader trusts neither the
frame count of the container nor seeking: with OpenCV, H.264 in AVI reports twice as many frames as it has, and seeks to
wrong frames near its end. Frames are counted by decoding them. They are read by decoding forwards from the last
position, or from the start.
"""

from __future__ import annotations

import collections
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import cast

import cv2
import numpy as np

from keras_pose import files
from keras_pose.media.images import stack_images

_RECENT_FRAMES = 32
_RECENT_BYTES = 32 << 20  # when a window moves on by a frame, its other frames are still here
_CODECS = {".avi": "MJPG", ".mp4": "mp4v", ".mov": "mp4v", ".mkv": "mp4v"}


class VideoFrames:
    """The frames of a video file (a `Frames`, safe to share between threads).

    Reading in rising order decodes each frame once. Going back further than the last few frames decodes again from the
    start of the file.

    Args:
      path: path of the video file.

    Attributes:
      size_hw: (height, width) in px of the first frame that decodes.
      fps: float, frames per second as the container states it; 0 if it does not.

    Raises:
      ValueError: if the file is missing or none of its frames decodes; the message names the file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._lock = threading.Lock()
        self._recent: collections.OrderedDict[int, np.ndarray] = collections.OrderedDict()
        self._capture: cv2.VideoCapture | None = None
        self._next = 0  # position of the frame that decodes next
        self._num_frames: int | None = None
        capture = _open(self.path)
        fps = capture.get(cv2.CAP_PROP_FPS)
        ok, frame = capture.read()
        capture.release()
        if not ok:
            raise ValueError(f"{self.path}: expected a video, but frame 0 does not decode (empty or damaged file)")
        self.size_hw = frame.shape[:2]
        self.fps = float(fps) if np.isfinite(fps) and fps > 0 else 0.0

    @property
    def num_frames(self) -> int:
        """The number of frames that decode. The first use decodes the whole file."""
        with self._lock:
            if self._num_frames is None:
                self._forward(sys.maxsize)
            return cast(int, self._num_frames)

    def read(self, indices: Iterable[int]) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the frames at these 0-based positions in this order.

        Raises:
          ValueError: if a position is negative or past the last frame that decodes; the message names file and frame.
        """
        indices = [int(i) for i in indices]
        with self._lock:
            frames = {i: self._frame(i) for i in sorted(set(indices))}
        return stack_images([frames[i] for i in indices], self.size_hw)

    def has_frame(self, index: int) -> bool:
        """Whether frame `index` decodes. Costs as much as reading it; `num_frames` may decode the whole file."""
        with self._lock:
            if self._num_frames is not None:
                return 0 <= index < self._num_frames
            return index >= 0 and (index < self._next or self._forward(index))

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yields every frame in order, uint8 RGB [H, W, 3], without counting them first.

        Raises:
          ValueError: if a frame cannot be read; the message names file and frame.
        """
        index = 0
        while self.has_frame(index):
            yield self.read([index])[0]
            index += 1

    def close(self) -> None:
        """Releases the decoder and the frames in memory; a later `read` opens the file again."""
        with self._lock:
            self._rewind()
            self._recent.clear()

    def _frame(self, index):
        if index in self._recent:
            return self._recent[index]
        if index < 0:
            raise ValueError(f"{self.path}: expected frame positions from 0, received {index}")
        if not self._forward(index):
            raise ValueError(f"{self.path}: cannot read frame {index}: the video ends after {self._num_frames} frames")
        ok, image = self._capture.retrieve()
        if not ok or image.shape[:2] != self.size_hw:
            found = image.shape[:2] if ok else "none"
            raise ValueError(f"{self.path}: frame {index}: expected an image of {self.size_hw}, decoded {found}")
        return self._remember(index, cv2.cvtColor(image, cv2.COLOR_BGR2RGB))

    def _forward(self, index):
        """Decodes up to frame `index`; False if the video ends before it, which also sets the number of frames."""
        if self._capture is None or index < self._next - 1:  # OpenCV can still retrieve the last frame that it decoded
            self._rewind()
            self._capture = _open(self.path)
        while self._next <= index:
            if not self._capture.grab():
                self._num_frames = self._next
                self._rewind()
                return False
            self._next += 1
        return True

    def _remember(self, index, image):
        self._recent[index] = image
        room = min(_RECENT_FRAMES, max(1, _RECENT_BYTES // image.nbytes))
        while len(self._recent) > room:
            self._recent.popitem(last=False)
        return image

    def _rewind(self):
        if self._capture is not None:
            self._capture.release()
        self._capture = None
        self._next = 0


def write_video(path: str | os.PathLike[str], frames: Iterable[np.ndarray], fps: float) -> None:
    """Writes a complete video, or nothing if an error occurs.

    Args:
      path: path of the video; the ending chooses the format (.avi: motion JPEG; .mp4, .mov, .mkv: MPEG-4).
      frames: uint8 RGB [H, W, 3] each, all of the same size. MPEG-4 drops the last row or column of an odd size.
      fps: frames per second, above 0.

    Raises:
      ValueError: for an unknown ending, a rate that is not above 0, no frames, frames of different shapes, or if this
        build of OpenCV cannot write the format.
    """
    path = os.fspath(path)
    ending = os.path.splitext(path)[1].lower()
    if ending not in _CODECS:
        raise ValueError(f"{path}: expected a video ending in {', '.join(_CODECS)}, received {ending!r}")
    if not (np.isfinite(fps) and fps > 0):
        raise ValueError(f"{path}: expected a frame rate above 0, received {fps}")
    with files.replace_atomically(path) as temporary:
        writer = None
        size_hw = None
        try:
            for position, frame in enumerate(frames):
                frame = _checked_frame(path, position, frame, size_hw)
                if writer is None:
                    size_hw = frame.shape[:2]
                    writer = _open_writer(path, temporary, _CODECS[ending], fps, size_hw)
                writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        finally:
            if writer is not None:
                writer.release()
        if writer is None:
            raise ValueError(f"{path}: expected at least one frame to write, received none")


def _open(path):
    if not os.path.isfile(path):
        raise ValueError(f"{path}: expected a video, found no such file")
    capture = cv2.VideoCapture(path)
    if not capture.isOpened():
        raise ValueError(f"{path}: expected a video, but OpenCV cannot open it (empty, damaged or unknown format)")
    return capture


def _open_writer(path, temporary, codec, fps, size_hw):
    # The motion JPEG writer of OpenCV itself keeps odd sizes; the one of FFmpeg crops them.
    backend = cv2.CAP_OPENCV_MJPEG if codec == "MJPG" else cv2.CAP_FFMPEG
    code = cv2.VideoWriter_fourcc(*codec)
    writer = cv2.VideoWriter(temporary, backend, code, float(fps), (size_hw[1], size_hw[0]))
    if not writer.isOpened():
        raise ValueError(f"{path}: this build of OpenCV cannot write {codec} video of {size_hw[1]}×{size_hw[0]} px")
    return writer


def _checked_frame(path, position, frame, size_hw):
    frame = np.asarray(frame)
    good = frame.dtype == np.uint8 and frame.ndim == 3 and frame.shape[2] == 3
    if not good or (size_hw is not None and frame.shape[:2] != size_hw):
        size = "[H, W, 3]" if size_hw is None else f"[{size_hw[0]}, {size_hw[1]}, 3]"
        raise ValueError(f"{path}: frame {position}: expected uint8 {size}, received {frame.dtype} {frame.shape}")
    return frame
