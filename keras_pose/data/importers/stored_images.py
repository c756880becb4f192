"""What frames that are stored inside label files have in common: they are read, and checked, one by one."""

from __future__ import annotations

import abc
from collections.abc import Iterable

import numpy as np

from keras_pose.media.images import stack_images


class StoredImages(abc.ABC):
    """Images inside a label file (a `Frames`; `num_frames` is None, since they have no neighbours in time).

    Attributes:
      size_hw: (height, width) in px of each image; a subclass sets it.
    """

    num_frames = None
    size_hw: tuple[int, int]

    @abc.abstractmethod
    def _read_checked(self, position: int) -> np.ndarray:
        """Returns uint8 RGB [H, W, 3], an image of `size_hw`; a ValueError if it cannot be used."""

    def find_fault(self, position: int) -> str:
        """Returns why the image at a position cannot be used; empty if it can."""
        try:
            self._read_checked(position)
        except ValueError as error:
            return str(error)
        return ""

    def read(self, indices: Iterable[int]) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the images at these positions in this order.

        Raises:
          ValueError: if an image does not exist, cannot be read, or has another size.
        """
        return stack_images([self._read_checked(int(index)) for index in indices], self.size_hw)
