"""What a kind of temporal pooling is, and what several kinds compute in the same way.

Letters in shapes: B batch, T frames of the window, h w heatmap, J joints.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from keras.layers import Layer

from keras_pose.pooling.stream_buffer import StreamBuffer

LinearWeights = tuple[np.ndarray, np.ndarray]

# What a kind learns from; `training.targets` has the losses of these names.
L2 = "l2"
CROSS_ENTROPY = "cross_entropy"
POSITION = "position"


class PoolingKind:
    """One kind of pooling. It has no state: its weights are attributes of the layer that it is given.

    Attributes:
      learns: whether it has weights to learn.
      reads_neighbours: whether anything but the current frame counts.
      needs_reliability: whether it reads how reliable the flow is.
      weighs_frames: whether it has a learned weight of each frame and joint, for `frame_weights`.
      loss: name of the loss that it learns from: L2, CROSS_ENTROPY or POSITION.
    """

    learns = False
    reads_neighbours = True
    needs_reliability = False
    weighs_frames = False
    loss = L2

    def add_weights(self, layer: Layer, num_frames: int, num_joints: int) -> None:
        """Adds the weights of this kind to the layer."""

    def pool(self, layer: Layer, maps: tf.Tensor, present: tf.Tensor, reliability: tf.Tensor | None) -> tf.Tensor:
        """Pools windows.

        Args:
          layer: the layer with the weights.
          maps: float32 [B, T, h, w, J].
          present: bool [B, T], whether the clip has that frame.
          reliability: float32 [B, T, h, w], 0 to 1; None counts as 1.

        Returns:
          float32 [B, h, w, J], on the scale of heatmaps: peaks near 1 if the joint is certain.
        """
        raise NotImplementedError

    def pool_alone(self, layer: Layer, maps: tf.Tensor, num_frames: int) -> tf.Tensor:
        """Pools frames without neighbours, with the result of `pool`.

        Args:
          layer: the layer with the weights.
          maps: float32 [B, h, w, J].
          num_frames: T.

        Returns:
          float32 [B, h, w, J].
        """
        windows = tf.repeat(maps[:, None], num_frames, axis=1)
        present = tf.tile(tf.one_hot(num_frames // 2, num_frames)[None], [tf.shape(maps)[0], 1])
        return self.pool(layer, windows, tf.cast(present, tf.bool), None)

    def linear_weights(self, layer: Layer, num_frames: int, num_joints: int) -> LinearWeights | None:
        """Returns weights float32 [T, J] and bias float32 [J] if the pooling is a weighted sum of maps, else None."""
        return None

    def open_accumulator(self, layer: Layer, buffer: StreamBuffer) -> Any:
        """Opens what pools the window of a stream faster than the layer does, an `accumulators.Accumulator`.

        Args:
          layer: the layer with the weights, which are read here, once.
          buffer: `StreamBuffer` that the neighbours come from.

        Returns:
          None if there is no such thing.
        """
        return None

    def frame_weights(self, layer: Layer) -> np.ndarray:
        """Returns the learned weight of each frame's map, float32 [T, J]; only for kinds that have them."""
        raise NotImplementedError


def current_maps(maps: tf.Tensor) -> tf.Tensor:
    """Returns the middle frame's maps, [B, 1, h, w, J]."""
    middle = maps.shape[1] // 2
    return maps[:, middle : middle + 1]


def find_connected(present: tf.Tensor) -> tf.Tensor:
    """Finds the frames of a window that count: a side ends at the first frame that does not exist.

    Args:
      present: bool [B, T], whether the clip has that frame; the middle one always counts.

    Returns:
      bool [B, T].
    """
    middle = present.shape[1] // 2
    exists = tf.cast(present, tf.float32)
    past = tf.math.cumprod(exists[:, :middle], axis=1, reverse=True)
    future = tf.math.cumprod(exists[:, middle + 1 :], axis=1)
    return tf.concat([past, tf.ones_like(exists[:, :1]), future], axis=1) > 0


def keep_lone_maps(pooled: tf.Tensor, maps: tf.Tensor, connected: tf.Tensor) -> tf.Tensor:
    """Returns pooled maps [B, h, w, J], but for a window without any neighbour the map of its current frame.

    Args:
      pooled: float32 [B, h, w, J].
      maps: float32 [B, T, h, w, J], of the windows.
      connected: bool [B, T], the frames that count.
    """
    alone = tf.reduce_sum(tf.cast(connected, tf.int32), axis=1) == 1
    return tf.where(alone[:, None, None, None], current_maps(maps)[:, 0], pooled)
