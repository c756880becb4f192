"""Files a user names: images go to the server as they are, videos are taken apart by OpenCV.

A video goes to the server in clips that overlap. A model that looks at the neighbours of a frame sees fewer of them
at the ends of a clip, so each clip carries `margin` frames more on both sides, whose joints are dropped: the result
is that of the whole video in one request, as long as the model's window reaches no further than the margin. For a
model of single frames it costs the margin and changes nothing; `--clip_margin=0` saves it there.
"""

from __future__ import annotations

import math
import os

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_JPEG_QUALITY = 95


def is_image(path) -> bool:
    """Whether a file begins like a JPEG or a PNG, whatever its name.

    Raises:
      OSError: where it cannot be read.
    """
    with open(path, "rb") as file:
        return file.read(len(_PNG)).startswith((_JPEG, _PNG))


class VideoFrames:
    """The frames of a video file in order, each as a JPEG of quality 95.

    Args:
      path: str or path-like.

    Attributes:
      fps: float, frames a second as the file says; 0 where it does not.

    Raises:
      FileNotFoundError: where there is no such file.
      ValueError: where it is neither an image that the server reads nor a video that OpenCV reads.
    """

    def __init__(self, path):
        import cv2  # not needed for images

        self._cv2, self._path = cv2, os.fspath(path)
        if not os.path.isfile(self._path):
            raise FileNotFoundError(f"{self._path}: there is no such file")
        self._capture = cv2.VideoCapture(self._path)
        fps = float(self._capture.get(cv2.CAP_PROP_FPS))
        self.fps = fps if math.isfinite(fps) else 0.0
        opened, self._first = self._capture.read() if self._capture.isOpened() else (False, None)
        if not opened:
            raise ValueError(f"{self._path}: expected a JPEG, a PNG or a video, and it is none of them")

    def __iter__(self):
        frame, there = self._first, True
        try:
            while there:
                parameters = [self._cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
                written, encoded = self._cv2.imencode(".jpg", frame, parameters)
                if not written:
                    raise ValueError(f"{self._path}: a frame of size {frame.shape[:2]} cannot be written as JPEG")
                yield encoded.tobytes()
                there, frame = self._capture.read()
        finally:
            self._capture.release()


def overlapping_clips(frames, length, margin):
    """Cuts a sequence of any length into clips that overlap by 2 * margin frames.

    Args:
      frames: iterable; it is read as needed, never held whole.
      length: int, frames in a clip.
      margin: int, frames at each inner end whose joints are dropped.

    Yields:
      (clip, first, last): a list of at most `length` frames, and the range of those to keep; the kept frames of all
      clips are the sequence, each once and in order.

    Raises:
      ValueError: where a clip has no frames beside its margins.
    """
    if margin < 0 or length <= 2 * margin:
        raise ValueError(f"expected clips longer than both margins, received length {length} and margin {margin}")
    clip, first = [], 0
    for frame in frames:
        if len(clip) == length:
            yield clip, first, length - margin
            clip, first = clip[length - 2 * margin :], margin
        clip.append(frame)
    if clip:
        yield clip, first, len(clip)
