"""Picture files of a clip, by position, and how they are read: upright or as stored, and with how many bits."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Collection, Mapping, Sequence
from typing import Union

import numpy as np

from keras_pose.media.images import image_size, read_image
from keras_pose.media.orientation import swaps_sides, turn_upright

Path = Union[str, "os.PathLike[str]"]


@dataclasses.dataclass(frozen=True)
class PictureFiles:
    """Picture files by position.

    Args:
      paths: {position: path}.
      upright: positions whose picture is turned as its EXIF orientation says; the others are read as they are stored.
      turn: how all pictures are turned after that, 1 (not at all) to 8, the values of EXIF: pictures that were cut from
        a video as it is stored are turned like the video.
      bits: how many bits the samples of files of 16 bits use (`media.images.read_image`); None: each file decides.
    """

    paths: dict[int, str]
    upright: frozenset[int] = frozenset()
    bits: int | None = None
    turn: int = 1

    @classmethod
    def of(cls, paths: PictureFiles | Sequence[Path] | Mapping[int, Path]) -> PictureFiles:
        """Returns picture files of paths in the order of positions 0, 1, …, or of a dictionary by position."""
        if isinstance(paths, PictureFiles):
            return paths
        pairs = paths.items() if isinstance(paths, Mapping) else enumerate(paths)
        return cls({int(position): os.fspath(path) for position, path in pairs})

    def select(self, positions: Collection[int]) -> PictureFiles:
        """Returns the files at these positions only."""
        paths = {p: self.paths[p] for p in sorted(positions)}
        return dataclasses.replace(self, paths=paths, upright=self.upright & frozenset(paths))

    def turned(self, positions: Collection[int]) -> PictureFiles:
        """Returns the files with the pictures at these positions read upright, all others as stored."""
        return dataclasses.replace(self, upright=frozenset(positions) & frozenset(self.paths))

    def size_hw(self, position: int) -> tuple[int, int]:
        """Returns (height, width) in px of a picture as it is read, from its header.

        Raises:
          ValueError: if the file is missing or not a picture; the message names it.
        """
        height, width = image_size(self.paths[position], position in self.upright)
        return self.turned_size_hw((int(height), int(width)))

    def turned_size_hw(self, size_hw: tuple[int, int]) -> tuple[int, int]:
        """Returns the size of a picture after `turn`."""
        return (size_hw[1], size_hw[0]) if swaps_sides(self.turn) else size_hw

    def first_size_hw(self) -> tuple[int, int]:
        """Returns (height, width) in px of the first picture whose size can be read.

        Raises:
          ValueError: if there is none; the error of the first picture.
        """
        first = None
        for position in sorted(self.paths):
            try:
                return self.size_hw(position)
            except ValueError as error:
                first = first or error
        raise first or ValueError("expected at least one image, received none")

    def read(self, position: int, size_hw: tuple[int, int]) -> np.ndarray:
        """Returns uint8 RGB [H, W, 3], a picture of the given size.

        Raises:
          ValueError: if the position has no picture, or the picture cannot be read or has another size; the message
            names the file and the position.
        """
        if position not in self.paths:
            raise ValueError(f"no image at position {position}: the {len(self.paths)} images hold {self._describe()}")
        path = self.paths[position]
        try:
            image = turn_upright(read_image(path, position in self.upright, self.bits), self.turn)
        except ValueError as error:
            raise ValueError(f"{error} (frame {position})") from error
        if image.shape[:2] != tuple(size_hw):
            raise ValueError(
                f"{path}: frame {position}: expected {size_hw[0]}×{size_hw[1]} px (height×width) as in the rest of "
                f"the clip, found {image.shape[0]}×{image.shape[1]}"
            )
        return image

    def _describe(self):
        first = min(self.paths)
        last = max(self.paths)
        return f"positions {first} to {last}, the first is {self.paths[first]}"
