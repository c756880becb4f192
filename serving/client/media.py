"""Input files: images are sent unchanged, videos are split into frames by OpenCV.

A video is sent in overlapping clips. A model that looks at the neighbours of a frame sees fewer of them at the ends of
a clip. Each clip therefore has `margin` extra frames at both ends, and their joints are dropped. The result is the same
as for the whole video in one request, if the model's window reaches no further than the margin. For a model of single
frames the margin only costs time; `--clip_margin=0` avoids it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_QUALITY = 95
Frame = TypeVar("Frame")


def is_image(path: str | os.PathLike[str]) -> bool:
    """Returns whether the content of a file begins like a JPEG or a PNG; its name does not matter.

    Raises:
      OSError: if the file cannot be read.
    """
    with open(path, "rb") as file:
        return file.read(len(_PNG)).startswith((_JPEG, _PNG))


class VideoFrames:
    """The frames of a video file in order, each as a JPEG of quality 95.

    Args:
      path: the video file.

    Attributes:
      fps: float, frames per second according to the file, or 0 if it does not say.

    Raises:
      FileNotFoundError: if the file does not exist.
      ValueError: if OpenCV cannot read the file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        import cv2  # not needed for images

        self._cv2 = cv2
        self._path = os.fspath(path)
        if not os.path.isfile(self._path):
            raise FileNotFoundError(f"{self._path}: no such file")
        self._capture = cv2.VideoCapture(self._path)
        fps = float(self._capture.get(cv2.CAP_PROP_FPS))
        self.fps = fps if math.isfinite(fps) else 0.0
        self._first: Any = None
        opened = self._capture.isOpened()
        if opened:
            opened, self._first = self._capture.read()
        if not opened:
            raise ValueError(f"{self._path}: expected a JPEG, PNG or video, received a file that is none of them")

    def __iter__(self) -> Iterator[bytes]:
        frame = self._first
        found = True
        try:
            while found:
                parameters = [self._cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
                written, encoded = self._cv2.imencode(".jpg", frame, parameters)
                if not written:
                    raise ValueError(f"{self._path}: cannot write a frame of size {frame.shape[:2]} as JPEG")
                yield encoded.tobytes()
                found, frame = self._capture.read()
        finally:
            self._capture.release()


def overlapping_clips(frames: Iterable[Frame], length: int, margin: int) -> Iterator[tuple[list[Frame], int, int]]:
    """Cuts a sequence of any length into clips that overlap by 2 * margin frames.

    Args:
      frames: the sequence. It is read lazily and never held in memory as a whole.
      length: frames per clip.
      margin: frames dropped at each inner end of a clip.

    Yields:
      (clip, first, last): a list of at most `length` frames, and the range of frames to keep. The kept frames of all
      clips make up the sequence: each frame once, in order.

    Raises:
      ValueError: if a clip has no frames besides its margins.
    """
    if margin < 0 or length <= 2 * margin:
        raise ValueError(f"expected clips longer than both margins, received length {length} and margin {margin}")
    clip: list[Frame] = []
    first = 0
    for frame in frames:
        if len(clip) == length:
            yield clip, first, length - margin
            clip = clip[length - 2 * margin :]
            first = margin
        clip.append(frame)
    if clip:
        yield clip, first, len(clip)
