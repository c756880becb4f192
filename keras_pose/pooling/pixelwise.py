"""Poolings of each pixel on its own, with weights that do not depend on the maps.

With m_t the map of frame t of the window and m_0 that of the current (middle) frame:

- none: m_0.
- sum: the mean of all m_t. It is the paper's sum divided by T, with the same maxima but peaks of height 1.
- max: the largest value of each pixel.
- parametric: Σ_t weight[t] · m_t + bias, a 1×1 convolution across frames with its own weights for each joint.

The current frame takes the place of a frame that does not exist. Sum, max and parametric come from Pfister, Charles,
Zisserman (arXiv 1506.02897).
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from keras.layers import Layer

from keras_pose.pooling.pooling_kind import LinearWeights, PoolingKind, current_maps


class CurrentFrame(PoolingKind):
    """none: the maps of the current frame."""

    reads_neighbours = False

    def pool(self, layer: Layer, maps: tf.Tensor, present: tf.Tensor, reliability: tf.Tensor | None) -> tf.Tensor:
        return current_maps(maps)[:, 0]


class Sum(PoolingKind):
    """sum: the mean of all maps."""

    def pool(self, layer: Layer, maps: tf.Tensor, present: tf.Tensor, reliability: tf.Tensor | None) -> tf.Tensor:
        num_frames = maps.shape[1]
        return weighted_sum(maps, tf.fill([num_frames, 1], 1.0 / num_frames), present)

    def linear_weights(self, layer: Layer, num_frames: int, num_joints: int) -> LinearWeights | None:
        return np.full((num_frames, num_joints), 1 / num_frames, np.float32), np.zeros(num_joints, np.float32)


class Max(PoolingKind):
    """max: the largest value of each pixel."""

    def pool(self, layer: Layer, maps: tf.Tensor, present: tf.Tensor, reliability: tf.Tensor | None) -> tf.Tensor:
        return tf.reduce_max(tf.where(present[:, :, None, None, None], maps, current_maps(maps)), axis=1)


class Parametric(PoolingKind):
    """parametric: a learned weight for each frame and joint."""

    learns = True
    weighs_frames = True

    def add_weights(self, layer: Layer, num_frames: int, num_joints: int) -> None:
        layer.weight = layer.add_weight(name="weight", shape=(num_frames, num_joints), initializer=_one_in_the_middle)
        layer.bias = layer.add_weight(name="bias", shape=(num_joints,), initializer="zeros")

    def pool(self, layer: Layer, maps: tf.Tensor, present: tf.Tensor, reliability: tf.Tensor | None) -> tf.Tensor:
        return weighted_sum(maps, layer.weight, present) + layer.bias

    def linear_weights(self, layer: Layer, num_frames: int, num_joints: int) -> LinearWeights | None:
        return np.asarray(layer.weight, np.float32), np.asarray(layer.bias, np.float32)

    def frame_weights(self, layer: Layer) -> np.ndarray:
        return np.array(layer.weight, np.float32)


def weighted_sum(maps: tf.Tensor, weight: tf.Tensor, present: tf.Tensor) -> tf.Tensor:
    """Computes Σ_t weight[t] · m_t over the frames that exist; the current frame gets the weight of the others too.

    Product and sum, not `einsum`: as a batch of small matrix products that takes longer (2.1 against 1.5 ms with its
    gradient for 8 × 11 × 32 × 32 × 7 on two cores), and recent GPUs would round the maps to 11 bits. Moving weights
    instead of maps avoids a second copy of all maps.

    Args:
      maps: float32 [B, T, h, w, J].
      weight: float32 [T, J] or [T, 1].
      present: bool [B, T].

    Returns:
      float32 [B, h, w, J].
    """
    num_frames = maps.shape[1]
    # Move the weight of frames that do not exist to the current frame.
    is_current = tf.one_hot(num_frames // 2, num_frames)[:, None]  # [T, 1]
    kept = weight * tf.cast(present, tf.float32)[..., None]  # [B, T, J]
    kept += is_current * tf.reduce_sum(weight - kept, axis=1, keepdims=True)
    # Sum over frames.
    return tf.reduce_sum(maps * kept[:, :, None, None, :], axis=1)


def _one_in_the_middle(shape, dtype=None, **_):
    """Initialises [T, J] to 1 in the middle row, 0 elsewhere."""
    row = tf.one_hot(shape[0] // 2, shape[0], dtype=dtype or tf.float32)
    return tf.repeat(row[:, None], shape[1], axis=1)
