"""Frames of a clip from separate image files, or from image files beside a video."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Union

import numpy as np

from keras_pose.media.images import read_image, stack_images
from keras_pose.media.orientation import turn_upright
from keras_pose.media.video import VideoFrames

Path = Union[str, "os.PathLike[str]"]


class ImageFrames:
    """Separate images without neighbours in time (a `Frames`; `num_frames` is None).

    Args:
      paths: image files, in the order of the label positions 0, 1, …; or a dictionary from label position to file.
      size_hw: (height, width) in px of all images; None takes the size of the first.

    Raises:
      ValueError: if there are no images, or the first cannot be read.
    """

    num_frames = None

    def __init__(self, paths: Sequence[Path] | Mapping[int, Path], size_hw: tuple[int, int] | None = None) -> None:
        self.paths = _by_position(paths)
        if not self.paths:
            raise ValueError("expected at least one image, received none")
        height, width = size_hw or read_image(self.paths[min(self.paths)]).shape[:2]
        self.size_hw = (int(height), int(width))

    def read(self, indices: Iterable[int]) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the images at these label positions in this order.

        Raises:
          ValueError: if a position has no image, or the image cannot be read or has another size; the message names
            the file and the position.
        """
        return stack_images([_read_sized(self.paths, int(i), self.size_hw) for i in indices], self.size_hw)


class VideoWithImages:
    """A video whose labelled frames also exist as image files (a `Frames`).

    A single position that has an image is read from the image: the image is what was labelled, it does not suffer from
    a second compression, and it can lie past the last frame or where the video is damaged. Several positions are read
    from the video, except those that it lacks.

    Args:
      video: `VideoFrames`, or the path of a video.
      paths: dictionary from position in the video to image file.
      orientation: how the images are turned to lie like the video, 1 (not at all) to 8, the values of EXIF.
    """

    def __init__(self, video: VideoFrames | Path, paths: Mapping[int, Path], orientation: int = 1) -> None:
        self.video = video if isinstance(video, VideoFrames) else VideoFrames(video)
        self.paths = _by_position(paths)
        self.size_hw = self.video.size_hw
        self.orientation = orientation

    @property
    def num_frames(self) -> int:
        """The number of frames of the video."""
        return self.video.num_frames

    @property
    def missing(self) -> frozenset[int]:
        """Positions whose frame in the video cannot be decoded, as far as known: all of them after `num_frames`."""
        return self.video.missing

    def read(self, indices: Iterable[int]) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the frames at these positions in this order.

        Raises:
          ValueError: if a frame cannot be read, or an image has another size than the video; the message names the
            file and the frame.
        """
        indices = [int(i) for i in indices]
        if len(set(indices)) == 1 and indices[0] in self.paths:
            return stack_images([self._read_image(indices[0])] * len(indices), self.size_hw)
        try:
            return self.video.read(indices)
        except ValueError:
            lacking = {i for i in indices if i in self.paths and not self.video.has_frame(i)}
            if not lacking:
                raise
        images = {i: self._read_image(i) for i in lacking}
        others = sorted(set(indices) - lacking)
        images.update(zip(others, self.video.read(others)))
        return stack_images([images[i] for i in indices], self.size_hw)

    def _read_image(self, position):
        return _read_sized(self.paths, position, self.size_hw, self.orientation)


def _by_position(paths):
    pairs = paths.items() if hasattr(paths, "items") else enumerate(paths)
    return {int(position): os.fspath(path) for position, path in pairs}


def _read_sized(paths, position, size_hw, orientation=1):
    if position not in paths:
        raise ValueError(f"no image at position {position}: the {len(paths)} images hold {_positions(paths)}")
    try:
        image = turn_upright(read_image(paths[position]), orientation)
    except ValueError as error:
        raise ValueError(f"{error} (frame {position})") from error
    if image.shape[:2] != size_hw:
        raise ValueError(
            f"{paths[position]}: frame {position}: expected {size_hw[0]}×{size_hw[1]} px (height×width) as in the "
            f"rest of the clip, found {image.shape[0]}×{image.shape[1]}"
        )
    return image


def _positions(paths):
    first = min(paths)
    last = max(paths)
    return f"positions {first} to {last}, the first is {paths[first]}"
