"""Heatmaps of whole windows, warped to the current frame: the input on which `pooling_ablation` compares poolings.

Letters in shapes: L labelled frames of a clip, N windows, T frames of a window.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import tensorflow as tf

from keras_pose.data.clip import Clip
from keras_pose.data.open_source import open_source
from keras_pose.flow import estimators, reliability
from keras_pose.flow.warp import warp_by_flow

NO_FLOW = "none"
TRUE = "true"  # the generator's flow
JOINTS = "joints"  # each joint's map moved as the joint moves
FLOWS = (*estimators.ESTIMATORS, TRUE, JOINTS)
LABELS = 3  # labelled frames of a clip
LABEL_EVERY = 3  # frames from one labelled frame to the next


@dataclasses.dataclass(frozen=True)
class WarpedWindows:
    """Windows of warped maps with the current frame in the middle; no neighbour is missing.

    Args:
      maps: float16 [N, T, h, w, J].
      reliability: float16 [N, T, h, w], how far the flow can be relied upon, 0 to 1.
      targets: float32 [N, J, 3], (x, y, weight) in input px.
    """

    maps: np.ndarray
    reliability: np.ndarray
    targets: np.ndarray

    def narrow(self, n: int) -> WarpedWindows:
        """Returns views of the windows with n neighbours on each side."""
        middle = self.maps.shape[1] // 2
        part = slice(middle - n, middle + n + 1)
        return WarpedWindows(self.maps[:, part], self.reliability[:, part], self.targets)


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
