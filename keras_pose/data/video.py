"""Frames of a clip from a video file, from separate images, or from both; and writing a video.

A frame's position is its 0-based place in the order in which the video decodes. Neither the container's frame count
nor seeking is trusted: with OpenCV, H.264 in AVI reports twice its frames and seeks to wrong ones near its end. So
frames are counted by decoding, and read by decoding forwards from the last position, or from the start.
"""

from __future__ import annotations

import collections
import os
import sys
import threading

import cv2
import numpy as np

from keras_pose import files
from keras_pose.data.images import read_image

_RECENT_FRAMES = 32
_RECENT_BYTES = 32 << 20  # a window that moves on by a frame finds its other frames here
_CODECS = {".avi": "MJPG", ".mp4": "mp4v", ".mov": "mp4v", ".mkv": "mp4v"}


class VideoFrames:
    """The frames of a video file (a `Frames`, safe to share between threads).

    Reading in rising order costs one decode of each frame; going back further than the last few frames decodes again
    from the start of the file.

    Args:
      path: str or path-like.

    Attributes:
      size_hw: (height, width) in px of the first frame that decodes.
      fps: float, frames a second as the container states it; 0 where it does not.

    Raises:
      ValueError: where the file is missing or not one frame of it decodes; the message names it.
    """

    def __init__(self, path):
        self.path = os.fspath(path)
        self._lock = threading.Lock()
        self._recent = collections.OrderedDict()
        self._capture, self._next, self._num_frames = None, 0, None
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
            return self._num_frames

    def read(self, indices) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the frames at these 0-based positions in this order.

        Raises:
          ValueError: a position is negative or past the last frame that decodes; the message names file and frame.
        """
        indices = [int(i) for i in indices]
        with self._lock:
            frames = {i: self._frame(i) for i in sorted(set(indices))}
        return _stack([frames[i] for i in indices], self.size_hw)

    def has_frame(self, index) -> bool:
        """Whether frame `index` decodes. Costs no more than reading it, `num_frames` may cost the whole file."""
        with self._lock:
            if self._num_frames is not None:
                return 0 <= index < self._num_frames
            return index >= 0 and (index < self._next or self._forward(index))

    def close(self):
        """Lets go of the decoder and the frames kept; a later `read` opens the file again."""
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
        """Decodes up to frame `index`; False where the video ends before it, and then the number of frames is known."""
        if self._capture is None or index < self._next - 1:  # the last frame decoded can still be retrieved
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
        self._capture, self._next = None, 0


class ImageFrames:
    """Separate images without neighbours in time (a `Frames`; `num_frames` is None).

    Args:
      paths: image files, in the order of the label positions 0, 1, …; or a dictionary from label position to file.
      size_hw: (height, width) in px that all images have; None takes the first one's.

    Raises:
      ValueError: where there are no images, or the first cannot be read.
    """

    num_frames = None

    def __init__(self, paths, size_hw=None):
        self.paths = _by_position(paths)
        if not self.paths:
            raise ValueError("expected at least one image, received none")
        if size_hw is None:
            from_first = read_image(self.paths[min(self.paths)])
            size_hw = from_first.shape[:2]
        self.size_hw = tuple(int(s) for s in size_hw)

    def read(self, indices) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the images at these label positions in this order.

        Raises:
          ValueError: no image stands at a position, it cannot be read, or its size is another; the message names it.
        """
        return _stack([_read_sized(self.paths, int(i), self.size_hw) for i in indices], self.size_hw)


class VideoWithImages:
    """A video with its labelled frames as images beside it (a `Frames`).

    A single position that has an image is read from the image: that is what was labelled, it is free of a second
    decoding, and it may lie past the end of what decodes. Windows are read from the video.

    Args:
      video: `VideoFrames` or the path of a video.
      paths: dictionary from position in the video to image file.
    """

    def __init__(self, video, paths):
        self.video = video if hasattr(video, "read") else VideoFrames(video)
        self.paths = _by_position(paths)
        self.size_hw = self.video.size_hw

    @property
    def num_frames(self) -> int:
        """The number of frames of the video that decode."""
        return self.video.num_frames

    def read(self, indices) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the frames at these positions in this order.

        Raises:
          ValueError: a frame cannot be read, or its size is not the video's; the message names file and frame.
        """
        indices = [int(i) for i in indices]
        if len(set(indices)) == 1 and indices[0] in self.paths:
            image = _read_sized(self.paths, indices[0], self.size_hw)
            return _stack([image] * len(indices), self.size_hw)
        return self.video.read(indices)


def write_video(path, frames, fps):
    """Writes a video, whole or not at all; the ending chooses the format (.avi: motion JPEG; .mp4, .mov, .mkv: MPEG-4).

    Args:
      path: str or path-like.
      frames: iterable of uint8 RGB [H, W, 3], all of one size. MPEG-4 drops the last row or column of an odd size.
      fps: frames a second, above 0.

    Raises:
      ValueError: for an unknown ending, a bad rate, no frames, frames of another shape or size, or where this build
        of OpenCV cannot write the format.
    """
    path = os.fspath(path)
    ending = os.path.splitext(path)[1].lower()
    if ending not in _CODECS:
        raise ValueError(f"{path}: expected a video ending in {', '.join(_CODECS)}, received {ending!r}")
    if not (np.isfinite(fps) and fps > 0):
        raise ValueError(f"{path}: expected a frame rate above 0, received {fps}")
    with files.replace_atomically(path) as temporary:
        writer, size_hw = None, None
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
    # OpenCV's own writer of motion JPEG keeps odd sizes, FFmpeg's cuts them.
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


def _by_position(paths):
    pairs = paths.items() if hasattr(paths, "items") else enumerate(paths)
    return {int(position): os.fspath(path) for position, path in pairs}


def _read_sized(paths, position, size_hw):
    if position not in paths:
        raise ValueError(f"no image at position {position}: the {len(paths)} images hold {_positions(paths)}")
    try:
        image = read_image(paths[position])
    except ValueError as error:
        raise ValueError(f"{error} (frame {position})") from error
    if image.shape[:2] != size_hw:
        raise ValueError(
            f"{paths[position]}: frame {position}: expected {size_hw[0]}×{size_hw[1]} px (height×width) as in the "
            f"rest of the clip, found {image.shape[0]}×{image.shape[1]}"
        )
    return image


def _positions(paths):
    listed = sorted(paths)
    return f"positions {listed[0]} to {listed[-1]}, first of them {paths[listed[0]]}" if listed else "none"


def _stack(images, size_hw):
    return np.stack(images) if images else np.zeros((0, *size_hw, 3), np.uint8)
