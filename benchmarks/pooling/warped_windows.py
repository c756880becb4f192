"""Heatmaps of whole windows, warped to the current frame: the input on which poolings are compared.

Letters in shapes: L labelled frames of a clip, N windows, T frames of a window.
"""

from __future__ import annotations

import dataclasses
from typing import cast

import numpy as np
import tensorflow as tf

from keras_pose.data.clip import Clip
from keras_pose.data.open_source import open_source
from keras_pose.flow import estimators, reliability
from keras_pose.flow.warp import warp_by_flow

NO_FLOW = "none"
TRUE = "true"  # the generator's flow
JOINTS = "joints"  # each joint's map moved as the joint moves
SHIFT = "shift"  # all maps moved by the median motion of the joints that the net finds in the single frames
FLOWS = (*estimators.ESTIMATORS, TRUE, JOINTS, SHIFT)
LABELS = 3  # labelled frames of a clip
LABEL_EVERY = 3  # frames from one labelled frame to the next


@dataclasses.dataclass(frozen=True)
class WarpedWindows:
    """Windows of warped maps with the current frame in the middle.

    Args:
      maps: float16 [N, T, h, w, J].
      reliability: float16 [N, T, h, w], how far the flow can be relied upon, 0 to 1.
      targets: float32 [N, J, 3], (x, y, weight) in input px.
      valid: float32 [N, T], 1 if the clip has that frame; None: it has all of them.
    """

    maps: np.ndarray
    reliability: np.ndarray
    targets: np.ndarray
    valid: np.ndarray = cast(np.ndarray, None)  # `__post_init__` turns None into an array

    def __post_init__(self) -> None:
        if self.valid is None:
            object.__setattr__(self, "valid", np.ones(self.maps.shape[:2], np.float32))

    def select(self, rows: np.ndarray) -> WarpedWindows:
        """Returns the windows at these positions, or where bool [N] is true."""
        return WarpedWindows(self.maps[rows], self.reliability[rows], self.targets[rows], self.valid[rows])

    def narrow(self, n: int) -> WarpedWindows:
        """Returns views of the windows with n neighbours on each side."""
        middle = self.maps.shape[1] // 2
        part = slice(middle - n, middle + n + 1)
        return WarpedWindows(self.maps[:, part], self.reliability[:, part], self.targets, self.valid[:, part])


def open_clips(split: str, count: int, reach: int, size_px: int) -> list[Clip]:
    """Opens signers with `LABELS` labelled frames in the middle, each with `reach` frames on both sides.

    Args:
      split: "train" or "test".
      count: number of clips.
      reach: frames on each side.
      size_px: side of the frames.
    """
    labelled = reach + LABEL_EVERY * np.arange(LABELS)
    num_frames = int(labelled[-1]) + reach + 1
    source = open_source(f"signers:{split}:{count}", num_frames=num_frames, size_hw=(size_px, size_px))
    return [clip.select(labelled) for clip in source.clips]


@tf.function(reduce_retracing=True)
def warp_windows(maps: tf.Tensor, frames: tf.Tensor, flow: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Warps windows as the flowing net does.

    Args:
      maps: float16 [L, T, h, w, J].
      frames: float16 [L, T, h, w, 3], the frames reduced to the size of the maps.
      flow: float16 [L, T, h, w, 2], from the current frame to each frame, in heatmap px.

    Returns:
      Warped maps, float16 [L, T, h, w, J], and reliability, float16 [L, T, h, w].
    """
    maps, frames, flow = (tf.cast(values, tf.float32) for values in (maps, frames, flow))
    reliable = reliability.window_reliability(frames, flow)
    return tf.cast(warp_by_flow(maps, flow), tf.float16), tf.cast(reliable, tf.float16)
