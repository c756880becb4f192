"""Frames of a clip from separate image files, or from image files beside a video."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Union

import numpy as np

from keras_pose.media.images import read_image, stack_images
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
    a second compression, and it can lie past the last frame that decodes. Several positions are read from the video.

    Args:
      video: `VideoFrames`, or the path of a video.
      paths: dictionary from position in the video to image file.
    """

    def __init__(self, video: VideoFrames | Path, paths: Mapping[int, Path]) -> None:
        self.video = video if isinstance(video, VideoFrames) else VideoFrames(video)
        self.paths = _by_position(paths)
        self.size_hw = self.video.size_hw

    @property
    def num_frames(self) -> int:
        """The number of frames of the video that decode."""
        return self.video.num_frames

    def read(self, indices: Iterable[int]) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the frames at these positions in this order.

        Raises:
          ValueError: if a frame cannot be read, or an image has another size than the video; the message names the
            file and the frame.
        """
        indices = [int(i) for i in indices]
        if len(set(indices)) == 1 and indices[0] in self.paths:
            image = _read_sized(self.paths, indices[0], self.size_hw)
            return stack_images([image] * len(indices), self.size_hw)
        return self.video.read(indices)


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
    first = min(paths)
    last = max(paths)
    return f"positions {first} to {last}, the first is {paths[first]}"
