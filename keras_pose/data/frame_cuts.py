"""The part of a frame that is kept if the net sees a region of it.

Of a small region in a large frame, only the surroundings need to be in memory: as far as augmentation can turn, shift
or shrink into the input. Beyond the border of the frame there is nothing to keep; the input is black there.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_pose.geometry import CropTransform, invert, scaling, translation

# A square that is turned by 45 degrees reaches 1.41 times as far, and augmentation also shifts it.
MARGIN = 1.5


@dataclasses.dataclass(frozen=True)
class FrameCut:
    """A rectangle of whole pixels inside a frame, and the map of the frame to the net's input.

    Args:
      crop: the map from the frame to the input.
      left, top: first column and row.
      width, height: number of columns and rows.
    """

    crop: CropTransform
    left: int
    top: int
    width: int
    height: int

    def take(self, frame: np.ndarray) -> np.ndarray:
        """Returns uint8 [height, width, 3], the part of a frame [H, W, 3]."""
        return frame[self.top : self.top + self.height, self.left : self.left + self.width]

    def reduced_size_hw(self) -> tuple[int, int]:
        """Returns (height, width) px to which the part is averaged (`CropTransform.reduction`)."""
        matrix = self.crop.matrix @ translation(self.left, self.top)
        return CropTransform(matrix, (self.height, self.width), self.crop.input_size_hw).reduction()[0]

    def grid_matrix(self, size_hw: tuple[int, int]) -> np.ndarray:
        """Returns float32 [3, 3], px of the part, scaled to `size_hw` (height, width), to input px."""
        shrink = scaling(size_hw[1] / self.width, size_hw[0] / self.height)
        matrix = self.crop.matrix @ translation(self.left, self.top)
        return (matrix @ invert(shrink)).astype(np.float32)


def whole_frame(crop: CropTransform) -> FrameCut:
    """Returns the cut that keeps all of a frame."""
    height, width = crop.frame_size_hw
    return FrameCut(crop, 0, 0, width, height)


def around_input(crop: CropTransform) -> FrameCut:
    """Returns the cut that keeps what the input shows, and its surroundings up to `MARGIN` times the input.

    Args:
      crop: the map from the frame to the input, without rotation.
    """
    # Find the corners of the enlarged input in px of the frame's edges.
    input_height, input_width = crop.input_size_hw
    sides = np.array([input_width, input_height], np.float64)
    reach = sides * MARGIN / 2
    corners = crop.to_frame(np.stack([(sides - 1) / 2 - reach, (sides - 1) / 2 + reach])) + 0.5
    # Round outwards, and stay inside the frame with at least one pixel.
    height, width = crop.frame_size_hw
    first = np.clip(np.floor(corners[0]), 0, (width - 1, height - 1)).astype(int)
    last = np.clip(np.ceil(corners[1]), first + 1, (width, height)).astype(int)
    left, top = first.tolist()
    right, bottom = last.tolist()
    return FrameCut(crop, left, top, right - left, bottom - top)
