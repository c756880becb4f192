"""Videos as they are sent: frames as JPEG, in clips that overlap.

A video is sent in overlapping clips. A model that looks at the neighbours of a frame sees fewer of them at the ends of
a clip. Each clip therefore has `margin` extra frames at both ends, and their joints are dropped. The result is the same
as for the whole video in one request, if the model's window reaches no further than the margin. For a model of single
frames the margin only costs time; `--clip_margin=0` avoids it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TypeVar

MISSING = b""  # stands for a frame that cannot be decoded; exports end their windows before it
_JPEG_QUALITY = 95
Frame = TypeVar("Frame")


def check_video(path: str | os.PathLike[str]) -> None:
    """Decodes the first frame of a video, and closes it.

    Raises:
      ValueError: if the file is no video that can be decoded; the message names it and the reason.
    """
    VideoJpegs(path).close()


class VideoJpegs:
    """The frames of a video file in order, upright as players show them, each as a JPEG of quality 95.

    Frames that are damaged keep their place, as `MISSING`; at the end of the video a `keras_pose.media.MediaWarning`
    lists them.

    Args:
      path: the video file.

    Attributes:
      fps: float, frames per second according to the file, or 0 if it does not say.
      times_s: when each frame that was given so far is shown, in s from the first one; None if the file does not say.

    Raises:
      ValueError: if the file is no video that can be decoded; the message names it and the reason.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        from keras_pose.media.video import VideoFrames  # not needed for pictures

        self._path = os.fspath(path)
        try:
            self._frames = VideoFrames(path)
        except ValueError as error:
            reason = str(error).replace(f"{self._path}: ", "", 1)
            raise ValueError(f"{self._path}: expected a picture or a video; as a video: {reason}") from error
        self.fps = self._frames.fps
        self.times_s: list[float | None] = []

    def __iter__(self) -> Iterator[bytes]:
        import cv2

        self.times_s = []
        try:
            for _, time_s, frame in self._frames.numbered_with_times():
                self.times_s.append(time_s)
                if frame is None:
                    yield MISSING
                    continue
                written, encoded = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
                if not written:
                    raise ValueError(f"{self._path}: cannot write a frame of size {frame.shape[:2]} as JPEG")
                yield encoded.tobytes()
        finally:
            self.close()

    def close(self) -> None:
        """Closes the file."""
        self._frames.close()


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
