"""Frames of a clip from separate image files, or from image files beside a video."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from keras_pose.data.pictures.files import Path, PictureFiles
from keras_pose.media.images import stack_images
from keras_pose.media.video import VideoFrames


class ImageFrames:
    """Separate images without neighbours in time (a `Frames`; `num_frames` is None).

    Args:
      paths: image files, in the order of the label positions 0, 1, …; or a dictionary from label position to file; or
        `PictureFiles`, which also say how the files are read.
      size_hw: (height, width) in px of all images as the labels state it; None takes the size of the first that can be
        read.

    Attributes:
      pictures: `PictureFiles`.
      stated_size_hw: as given.
      size_hw: (height, width) in px of all images.

    Raises:
      ValueError: if there are no images, or no size is given and none can be read.
    """

    num_frames: int | None = None

    def __init__(
        self, paths: PictureFiles | Sequence[Path] | Mapping[int, Path], size_hw: tuple[int, int] | None = None
    ) -> None:
        self.pictures = PictureFiles.of(paths)
        if not self.pictures.paths:
            raise ValueError("expected at least one image, received none")
        self.stated_size_hw = (int(size_hw[0]), int(size_hw[1])) if size_hw else None
        self.size_hw = self.stated_size_hw or self.pictures.first_size_hw()

    @property
    def paths(self) -> dict[int, str]:
        """{label position: image file}."""
        return self.pictures.paths

    def with_pictures(self, pictures: PictureFiles) -> ImageFrames:
        """Returns these frames, read from other picture files, or in another way."""
        return ImageFrames(pictures, self.stated_size_hw)

    def read(self, indices: Iterable[int]) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the images at these label positions in this order.

        Raises:
          ValueError: if a position has no image, or the image cannot be read or has another size; the message names
            the file and the position.
        """
        return stack_images([self.pictures.read(int(i), self.size_hw) for i in indices], self.size_hw)


class VideoWithImages:
    """A video whose labelled frames also exist as image files (a `Frames`).

    A single position that has an image is read from the image: the image is what was labelled, it does not suffer from
    a second compression, and it can lie past the last frame or where the video is damaged. Several positions are read
    from the video, except those that it lacks.

    Args:
      video: `VideoFrames`, or the path of a video.
      paths: dictionary from position in the video to image file, or `PictureFiles`.
    """

    def __init__(self, video: VideoFrames | Path, paths: PictureFiles | Mapping[int, Path]) -> None:
        self.video = video if isinstance(video, VideoFrames) else VideoFrames(video)
        self.pictures = PictureFiles.of(paths)
        self.size_hw = self.video.size_hw
        self.fps = self.video.fps

    @property
    def paths(self) -> dict[int, str]:
        """{position in the video: image file}."""
        return self.pictures.paths

    def with_pictures(self, pictures: PictureFiles) -> VideoWithImages:
        """Returns these frames, with other picture files, or pictures that are read in another way."""
        frames = copy.copy(self)
        frames.pictures = pictures
        return frames

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
            image = self.pictures.read(indices[0], self.size_hw)
            return stack_images([image] * len(indices), self.size_hw)
        try:
            return self.video.read(indices)
        except ValueError:
            lacking = {i for i in indices if i in self.paths and not self.video.has_frame(i)}
            if not lacking:
                raise
        images = {i: self.pictures.read(i, self.size_hw) for i in lacking}
        others = sorted(set(indices) - lacking)
        images.update(zip(others, self.video.read(others)))
        return stack_images([images[i] for i in indices], self.size_hw)
