"""The one form of all data: clips of frames with joints, visibility and annotation weight.

Every source (synthetic signers, a labelled project, a data set) becomes a list of `Clip`s and a `Skeleton`. A clip has
its frames behind a `Frames` object, so that nothing is decoded before it is needed, and labels for some of them.

Letters in shapes: T frames of a window, N labelled frames, J joints, H W a frame's height and width.
"""

from __future__ import annotations

import dataclasses
from typing import Protocol

import numpy as np

UNLABELLED, HIDDEN, VISIBLE = 0, 1, 2  # COCO's v; a hidden joint is labelled all the same


class Frames(Protocol):
    """Where a clip's frames come from: a video file, image files, an array or a generator.

    `num_frames`: number of frames that can be read by position, or None where only labelled ones exist and they have
      no neighbours in time (separate images).
    `size_hw`: (height, width) in px of every frame.
    """

    num_frames: int | None
    size_hw: tuple[int, int]

    def read(self, indices) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the frames at these 0-based positions in this order.

        Raises:
          ValueError: a frame cannot be read; the message names the file and the frame.
        """


@dataclasses.dataclass(frozen=True)
class Clip:
    """A clip and its labels.

    Args:
      name: str, unique in its source; `--test_clips` names it.
      frames: `Frames`.
      labelled: int32 [N], position in the clip of each labelled frame, rising.
      joints: float32 [N, J, 2], (x, y) in frame px, NaN where unlabelled.
      visibility: uint8 [N, J], UNLABELLED, HIDDEN or VISIBLE.
      weights: float32 [N], annotation weight of each labelled frame, above 0 (1: a person's careful label).
      origins: N strings for messages: where each label stands (`file:row`).

    Raises:
      ValueError: for shapes or values that do not belong together.
    """

    name: str
    frames: Frames
    labelled: np.ndarray
    joints: np.ndarray
    visibility: np.ndarray
    weights: np.ndarray = None
    origins: tuple[str, ...] = ()

    def __post_init__(self):
        def keep(field, value):
            object.__setattr__(self, field, value)

        keep("labelled", np.asarray(self.labelled, np.int32))
        keep("joints", np.asarray(self.joints, np.float32))
        keep("visibility", np.asarray(self.visibility, np.uint8))
        count = len(self.labelled)
        keep("weights", np.ones(count, np.float32) if self.weights is None else np.asarray(self.weights, np.float32))
        keep("origins", tuple(self.origins) or tuple(f"{self.name}:{i}" for i in self.labelled))
        if self.labelled.ndim != 1:
            raise ValueError(f"clip {self.name}: expected labelled frames [N], received {self.labelled.shape}")
        if self.joints.ndim != 3 or self.joints.shape[0] != count or self.joints.shape[2] != 2:
            raise ValueError(f"clip {self.name}: expected joints [{count}, J, 2], received {self.joints.shape}")
        if self.visibility.shape != self.joints.shape[:2]:
            raise ValueError(
                f"clip {self.name}: expected visibility {self.joints.shape[:2]}, received {self.visibility.shape}"
            )
        if self.weights.shape != (count,) or len(self.origins) != count:
            raise ValueError(f"clip {self.name}: expected {count} weights and origins")
        missing = np.isnan(self.joints).any(-1)
        if (missing != (self.visibility == UNLABELLED)).any():
            raise ValueError(f"clip {self.name}: joints must be NaN exactly where they are unlabelled")

    @property
    def num_labelled(self) -> int:
        return len(self.labelled)

    def select(self, rows) -> Clip:
        """Returns the clip with only these rows of its labels (bool [N] or positions)."""
        rows = np.arange(self.num_labelled)[rows]
        return dataclasses.replace(
            self,
            labelled=self.labelled[rows],
            joints=self.joints[rows],
            visibility=self.visibility[rows],
            weights=self.weights[rows],
            origins=tuple(self.origins[r] for r in rows),
        )

    def has_neighbours(self, row) -> bool:
        """Whether labelled frame `row` stands in a sequence that can be read: no separate image, not past the end."""
        count = self.frames.num_frames
        return count is not None and bool(self.labelled[row] < count)

    def window(self, row, offsets=(0,)) -> tuple[list[int], np.ndarray]:
        """The frames around a labelled one, at the ends of the clip and of separate images too.

        Args:
          row: labelled frame.
          offsets: T offsets from it, in frames.

        Returns:
          T positions in the clip, where neighbours before the first or after the last frame repeat that frame, and
          those of a separate image the image; bool [T], which of them exist.
        """
        center, offsets = int(self.labelled[row]), np.asarray(offsets)
        if not offsets.any():  # an answer that counts no frames: counting may mean to decode a whole video
            return [center] * len(offsets), np.ones(len(offsets), bool)
        if not self.has_neighbours(row):
            return [center] * len(offsets), offsets == 0
        wanted, last = center + offsets, self.frames.num_frames - 1
        return np.clip(wanted, 0, last).tolist(), (wanted >= 0) & (wanted <= last)

    def read_window(self, row, offsets=(0,)) -> np.ndarray:
        """Returns uint8 [T, H, W, 3]: the frames of `window`.

        Raises:
          ValueError: where neighbours are asked for and the clip has none, or a frame cannot be read.
        """
        if any(offsets) and not self.has_neighbours(row):
            raise ValueError(
                f"{self.origins[row]}: frame {int(self.labelled[row])} of clip {self.name} has no neighbours to read"
            )
        return self.frames.read(self.window(row, offsets)[0])


class ArrayFrames:
    """Frames held in memory: uint8 [T, H, W, 3]."""

    def __init__(self, array):
        self.array = np.asarray(array, np.uint8)
        if self.array.ndim != 4 or self.array.shape[-1] != 3:
            raise ValueError(f"expected frames uint8 [T, H, W, 3], received shape {self.array.shape}")
        self.num_frames = len(self.array)
        self.size_hw = tuple(self.array.shape[1:3])

    def read(self, indices):
        for index in indices:
            if not 0 <= index < self.num_frames:
                raise ValueError(f"expected frame positions 0 to {self.num_frames - 1}, received {index}")
        return self.array[list(indices)]
