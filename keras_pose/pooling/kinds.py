"""What each kind of temporal pooling computes. A new kind is one class here and its name in `names`.

With m_t the map of frame t of the window, m_0 that of the current (middle) frame, and p a pixel:

- none: m_0.
- sum: the mean of all m_t. It is the paper's sum divided by T, with the same maxima but peaks of height 1.
- max: the largest value of each pixel.
- parametric: Σ_t weight[t] · m_t + bias, a 1×1 convolution across frames with its own weights for each joint.
- data_dependent: scale · (m_0 + Σ_t weight[t] · gate_t(p) · (m_t − m_0)) + bias, with
  gate_t(p) = 2 · sigmoid(offset + evidence · (peak(m_t) − peak(m_0)) + trust · (reliability_t(p) − 1))
  and peak is the maximum of a joint's map over its pixels. With evidence above 0 a neighbour counts more if its peak
  is higher than in the current frame. With trust above 0 a neighbour counts less if its flow is unreliable.

Sum, max and parametric come from Pfister, Charles, Zisserman (arXiv 1506.02897), who left data-dependent pooling as
future work. Letters in shapes: B batch, T frames of the window, h w heatmap, J joints.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from keras.layers import Layer

from keras_pose.pooling.names import POOLINGS

LinearWeights = tuple[np.ndarray, np.ndarray]


class PoolingKind:
    """One kind of pooling. It has no state: its weights are attributes of the layer that it is given.

    Attributes:
      learns: whether it has weights to learn.
      reads_neighbours: whether anything but the current frame counts.
      needs_reliability: whether it reads how reliable the flow is.
    """

    learns = False
    reads_neighbours = True
    needs_reliability = False

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
          float32 [B, h, w, J].
        """
        raise NotImplementedError

    def linear_weights(self, layer: Layer, num_frames: int, num_joints: int) -> LinearWeights | None:
        """Returns weights float32 [T, J] and bias float32 [J] if the pooling is a weighted sum of maps, else None."""
        return None

    def frame_weights(self, layer: Layer) -> np.ndarray:
        """Returns the learned weight of each frame's map, float32 [T, J]."""
        raise NotImplementedError


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

    def add_weights(self, layer: Layer, num_frames: int, num_joints: int) -> None:
        layer.weight = layer.add_weight(name="weight", shape=(num_frames, num_joints), initializer=_one_in_the_middle)
        layer.bias = layer.add_weight(name="bias", shape=(num_joints,), initializer="zeros")

    def pool(self, layer: Layer, maps: tf.Tensor, present: tf.Tensor, reliability: tf.Tensor | None) -> tf.Tensor:
        return weighted_sum(maps, layer.weight, present) + layer.bias

    def linear_weights(self, layer: Layer, num_frames: int, num_joints: int) -> LinearWeights | None:
        return np.asarray(layer.weight, np.float32), np.asarray(layer.bias, np.float32)

    def frame_weights(self, layer: Layer) -> np.ndarray:
        return np.array(layer.weight, np.float32)


class DataDependent(PoolingKind):
    """data_dependent: weights also depend on how certain the net is about each frame and how reliable its flow is."""

    learns = True
    needs_reliability = True

    def add_weights(self, layer: Layer, num_frames: int, num_joints: int) -> None:
        # The weight of the middle row has no effect: m_0 − m_0 is zero.
        layer.weight = layer.add_weight(name="weight", shape=(num_frames, num_joints), initializer="zeros")
        layer.bias = layer.add_weight(name="bias", shape=(num_joints,), initializer="zeros")
        layer.scale = layer.add_weight(name="scale", shape=(num_joints,), initializer="ones")
        layer.offset = layer.add_weight(name="offset", shape=(num_joints,), initializer="zeros")
        layer.evidence = layer.add_weight(name="evidence", shape=(num_joints,), initializer="zeros")
        layer.trust = layer.add_weight(name="trust", shape=(num_joints,), initializer="zeros")

    def pool(self, layer: Layer, maps: tf.Tensor, present: tf.Tensor, reliability: tf.Tensor | None) -> tf.Tensor:
        current = current_maps(maps)
        # Neighbours that do not exist get weight 0.
        kept_frames = tf.cast(present, tf.float32)[..., None]  # [B, T, 1]
        kept = (layer.weight * kept_frames)[:, :, None, None, :]
        # Add to the current map how the others differ from it, each as far as its gate opens.
        changes = kept * self._gates(layer, maps, reliability) * (maps - current)
        return layer.scale * (current[:, 0] + tf.reduce_sum(changes, axis=1)) + layer.bias

    def frame_weights(self, layer: Layer) -> np.ndarray:
        """As `PoolingKind`, for neighbours as certain as the current frame, with reliable flow."""
        weights = np.array(layer.weight, np.float32)
        weights *= 2.0 / (1.0 + np.exp(-np.asarray(layer.offset)))
        middle = len(weights) // 2
        weights[middle] = 0.0
        weights[middle] = 1.0 - weights.sum(axis=0)
        return weights * np.asarray(layer.scale)

    def _gates(self, layer, maps, reliability):
        # How much more certain the net is about each frame than about the current one, by the height of its peak.
        peaks = tf.reduce_max(maps, axis=(2, 3))  # [B, T, J]
        certainty = peaks - peaks[:, maps.shape[1] // 2, None]
        logits = (layer.offset + layer.evidence * certainty)[:, :, None, None, :]
        # How reliable their flow is.
        if reliability is not None:
            logits += layer.trust * (reliability[..., None] - 1.0)
        return 2.0 * tf.sigmoid(logits)  # [B, T, h, w, J]


KINDS = {
    "parametric": Parametric(),
    "data_dependent": DataDependent(),
    "sum": Sum(),
    "max": Max(),
    "none": CurrentFrame(),
}


def open_kind(name: str) -> PoolingKind:
    """Returns the pooling of a name.

    Raises:
      ValueError: for an unknown name.
    """
    if name not in KINDS:
        raise ValueError(f"TemporalPooling: expected a kind among {', '.join(POOLINGS)}, received {name!r}")
    return KINDS[name]


def current_maps(maps: tf.Tensor) -> tf.Tensor:
    """Returns the middle frame's maps, [B, 1, h, w, J]."""
    middle = maps.shape[1] // 2
    return maps[:, middle : middle + 1]


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
