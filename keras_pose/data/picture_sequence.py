"""The frames of a video that a data set stores as a folder of pictures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.importers.label_rows import positions_by_number
from keras_pose.data.pictures.files import Path, PictureFiles
from keras_pose.media.endings import has_image_ending


class PictureSequence(ImageFrames):
    """Pictures that follow each other in time (a `Frames`), so that windows have neighbours.

    Args:
      paths: picture files by position, or `PictureFiles`; positions without a file are missing frames.

    Attributes:
      num_frames: the last position plus 1.
      missing: positions below it without a file.
      size_hw: (height, width) in px of the first picture that can be read.

    Raises:
      ValueError: if there are no pictures, or none can be read.
    """

    def __init__(self, paths: PictureFiles | Sequence[Path] | dict[int, Any]) -> None:
        files = PictureFiles.of(paths)
        if not files.paths:
            raise ValueError("expected at least one image, received none")
        super().__init__(files, files.first_size_hw())
        self.num_frames = max(files.paths) + 1
        self.missing = frozenset(range(self.num_frames)) - frozenset(files.paths)

    def with_pictures(self, pictures: PictureFiles) -> PictureSequence:
        """Returns these frames, read from other picture files, or in another way."""
        return PictureSequence(pictures)

    def find_fault(self, position: int) -> str:
        """Returns why the frame at a position cannot be read; empty if it has a picture."""
        if position in self.paths:
            return ""
        first = min(self.paths)
        return f"frame {position} has no picture; the first of {len(self.paths)} pictures is {self.paths[first]}"


def open_folder(folder: str | os.PathLike[str], first: int = 1) -> PictureSequence:
    """Opens a folder of pictures whose names end in the number of their frame.

    Args:
      folder: the folder; files that are no pictures, and hidden ones, are ignored.
      first: the number of the frame at position 0.

    Raises:
      ValueError: if there are no pictures, their names are not numbered from `first` on, or none can be read; the
        message names the folder.
    """
    place = os.fspath(folder)
    names = sorted(os.listdir(place)) if os.path.isdir(place) else []
    names = [name for name in names if has_image_ending(name) and not name.startswith(".")]
    if not names:
        raise ValueError(f"{place}: expected the frames of a video as pictures, found none")
    numbers = positions_by_number(names)
    if numbers is None or min(numbers) < first:
        raise ValueError(
            f"{place}: expected pictures whose names end in the number of their frame, from {first} on, found "
            f"{names[0]}"
        )
    return PictureSequence({number - first: os.path.join(place, name) for number, name in zip(numbers, names)})
