"""Clips of random frames that count how often they are read, and flow that is the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE, ArrayFrames, Clip


class CountingFrames(ArrayFrames):
    """Frames in memory; `reads` counts the calls of `read`."""

    reads = 0

    def read(self, indices: Iterable[int]) -> np.ndarray:
        self.reads += 1
        return super().read(indices)


class SeparateImages(ArrayFrames):
    """Frames in memory that are not neighbours of each other."""

    def __init__(self, array: np.ndarray) -> None:
        super().__init__(array)
        self.num_frames = None

    def read(self, indices: Iterable[int]) -> np.ndarray:
        return self.array[list(indices)]


def make_clip(name: str = "a", size_hw: tuple[int, int] = (40, 60), count: int = 5, frames=CountingFrames) -> Clip:
    """Makes a clip of random frames, all labelled with 3 joints; the first has one hidden and one unlabelled joint."""
    rng = np.random.default_rng(len(name) + count)
    joints = rng.uniform(5, 30, (count, 3, 2)).astype(np.float32)
    joints[0, 1] = np.nan
    visibility = np.full((count, 3), VISIBLE, np.uint8)
    visibility[0, 1] = UNLABELLED
    visibility[0, 2] = HIDDEN
    pixels = frames(rng.integers(0, 256, (count, *size_hw, 3)).astype(np.uint8))
    return Clip(name, pixels, np.arange(count), joints, visibility, np.full(count, 0.5, np.float32))


def estimate_constant_flow(target: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Returns flow of (8, 4) px between any two frames."""
    return np.full((*target.shape[:2], 2), (8.0, 4.0), np.float32)
