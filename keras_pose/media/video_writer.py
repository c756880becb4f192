"""Writes a video file with OpenCV."""

from __future__ import annotations

import os
from collections.abc import Iterable

import cv2
import numpy as np

from keras_pose import files
from keras_pose.media import file_end
from keras_pose.media.container import open_container
from keras_pose.media.packets import PacketReader

_CODECS = {".avi": "MJPG", ".mp4": "mp4v", ".mov": "mp4v", ".mkv": "mp4v"}


def write_video(path: str | os.PathLike[str], frames: Iterable[np.ndarray], fps: float) -> None:
    """Writes a complete video, or nothing if an error occurs.

    Args:
      path: path of the video; the ending chooses the format (.avi: motion JPEG; .mp4, .mov, .mkv: MPEG-4).
      frames: uint8 RGB [H, W, 3] each, all of the same size. MPEG-4 drops the last row or column of an odd size.
      fps: frames per second, above 0.

    Raises:
      ValueError: for an unknown ending, a rate that is not above 0, no frames, frames of different shapes, or if this
        build of OpenCV cannot write the format.
      OSError: if the file does not hold all frames, because the disk is full, say; OpenCV does not report it.
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
        count = 0
        try:
            for position, frame in enumerate(frames):
                frame = _checked_frame(path, position, frame, size_hw)
                if writer is None:
                    size_hw = frame.shape[:2]
                    writer = _open_writer(path, temporary, _CODECS[ending], fps, size_hw)
                writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
                count += 1
        finally:
            if writer is not None:
                writer.release()
        if writer is None:
            raise ValueError(f"{path}: expected at least one frame to write, received none")
        written = _count_written(temporary)
        if written != count:
            raise OSError(f"{path}: only {written} of {count} frames could be written; is the disk full?")


def _open_writer(path, temporary, codec, fps, size_hw):
    # The motion JPEG writer of OpenCV itself keeps odd sizes; the one of FFmpeg crops them.
    backend = cv2.CAP_OPENCV_MJPEG if codec == "MJPG" else cv2.CAP_FFMPEG
    code = cv2.VideoWriter_fourcc(*codec)
    writer = cv2.VideoWriter(temporary, backend, code, float(fps), (size_hw[1], size_hw[0]))
    if not writer.isOpened():
        raise ValueError(f"{path}: this build of OpenCV cannot write {codec} video of {size_hw[1]}×{size_hw[0]} px")
    return writer


def _count_written(path):
    """The number of frames that a file holds with all their bytes; 0 if it cannot be opened."""
    try:
        container, stream = open_container(path)
    except ValueError:
        return 0
    with container:
        count = sum(not facts.follows_loss for _, facts in PacketReader(path, container, stream))
    return count - file_end.is_cut(path)


def _checked_frame(path, position, frame, size_hw):
    frame = np.asarray(frame)
    good = frame.dtype == np.uint8 and frame.ndim == 3 and frame.shape[2] == 3
    if not good or (size_hw is not None and frame.shape[:2] != size_hw):
        size = "[H, W, 3]" if size_hw is None else f"[{size_hw[0]}, {size_hw[1]}, 3]"
        raise ValueError(f"{path}: frame {position}: expected uint8 {size}, received {frame.dtype} {frame.shape}")
    return frame
