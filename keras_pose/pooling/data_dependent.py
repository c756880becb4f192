"""data_dependent: the weight of a frame also depends on the maps and on the flow.

scale · (m_0 + Σ_t weight[t] · gate_t(p) · (m_t − m_0)) + bias, with m_t the map of frame t of the window, m_0 that of
the current frame, p a pixel and

    gate_t(p) = 2 · sigmoid(offset + evidence · (peak(m_t) − peak(m_0)) + trust · (reliability_t(p) − 1))

where peak is the maximum of a joint's map over its pixels. With evidence above 0 a neighbour counts more if its peak is
higher than in the current frame. With trust above 0 a neighbour counts less if its flow is unreliable. Pfister,
Charles, Zisserman (arXiv 1506.02897) left data-dependent pooling as future work.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from keras.layers import Layer

from keras_pose.pooling.pooling_kind import PoolingKind, current_maps


class DataDependent(PoolingKind):
    """data_dependent: weights also depend on how certain the net is about each frame and how reliable its flow is."""

    learns = True
    needs_reliability = True
    weighs_frames = True

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
