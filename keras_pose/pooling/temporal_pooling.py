"""Pooling of heatmaps over frames: neighbours, warped to the current frame by optical flow, make one map per joint.

Pfister, Charles, Zisserman, "Flowing ConvNets for Human Pose Estimation in Videos" (arXiv 1506.02897): sum, max and a
learned "parametric" pooling. "data_dependent" takes up what they left as future work: weights that depend on the input.

One rule for frames beyond the ends of a clip: a neighbour that does not exist stands for the current frame. Its weight
goes to the current frame's map, so peaks keep their height, and whatever its map and reliability hold is not used.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

POOLINGS = ("none", "sum", "max", "parametric", "data_dependent")


@keras.saving.register_keras_serializable("keras_pose")
class TemporalPooling(keras.layers.Layer):
    """Pools the maps of a window of frames, each joint on its own; the current frame is the middle one.

    Kinds, with m_t the map of frame t and m_0 that of the current frame:
    - none: m_0.
    - sum: the mean of all m_t: the paper's sum divided by T, which has the same maxima but peaks of height 1.
    - max: the largest value of each pixel.
    - parametric: Σ_t weight[t] · m_t + bias, a 1×1 convolution across frames with its own weights for each joint.
    - data_dependent: scale · (m_0 + Σ_t weight[t] · gate_t(p) · (m_t − m_0)) + bias, where
      gate_t(p) = 2 · sigmoid(offset + evidence · (peak(m_t) − peak(m_0)) + trust · (reliability_t(p) − 1))
      and peak is the maximum of a joint's map over its pixels. With evidence above 0 a neighbour counts more where the
      net is surer of it than of the current frame, with trust above 0 less where its flow cannot be relied upon.

    Weights are float32 [T, J], biases, scale and the gate's parameters float32 [J]. New layers of the kinds none,
    parametric and data_dependent return m_0 exactly. Computes in float32 whatever the policy: 16 bits would round the
    differences of maps that the pooling is about.

    Args:
      kind: one of POOLINGS.

    Call arguments:
      inputs: list of
        maps: float [B, T, h, w, J], finite; T odd and static, J static for the kinds with weights.
        valid: bool or float [B, T], whether that frame exists in the clip; of the middle frame it is not read.
        reliability: float [B, T, h, w], 0..1, how far the flow can be relied upon; read by data_dependent only.

    Returns:
      float32 [B, h, w, J].

    Raises:
      ValueError: for an unknown kind, a dtype other than float32, or maps without an odd, static number of frames.
    """

    def __init__(self, kind="parametric", dtype="float32", **kwargs):
        if kind not in POOLINGS:
            raise ValueError(f"TemporalPooling: expected a kind among {', '.join(POOLINGS)}, received {kind!r}")
        super().__init__(dtype=dtype, **kwargs)
        if self.compute_dtype != "float32":
            raise ValueError(f"TemporalPooling: expected the dtype float32, received {self.compute_dtype}")
        self.kind = kind

    @property
    def learns(self) -> bool:
        """Whether the kind has weights."""
        return self.kind in ("parametric", "data_dependent")

    def build(self, input_shape):
        maps = tuple(input_shape[0])
        if len(maps) != 5 or not maps[1] or maps[1] % 2 == 0:
            raise ValueError(f"TemporalPooling: expected maps [B, T, h, w, J] with T odd and known, received {maps}")
        frames, joints = maps[1], maps[4]
        if self.learns:
            if joints is None:
                raise ValueError(f"TemporalPooling {self.kind}: expected maps with J known, received {maps}")
            # The middle row of data_dependent stays without effect: m_0 − m_0 is zero.
            initial = _initial_centre if self.kind == "parametric" else "zeros"
            self.weight = self.add_weight(name="weight", shape=(frames, joints), initializer=initial)
            self.bias = self.add_weight(name="bias", shape=(joints,), initializer="zeros")
        if self.kind == "data_dependent":
            self.scale = self.add_weight(name="scale", shape=(joints,), initializer="ones")
            self.offset = self.add_weight(name="offset", shape=(joints,), initializer="zeros")
            self.evidence = self.add_weight(name="evidence", shape=(joints,), initializer="zeros")
            self.trust = self.add_weight(name="trust", shape=(joints,), initializer="zeros")
        super().build(input_shape)

    def call(self, inputs):
        maps, valid, reliability = inputs
        maps, reliability = tf.cast(maps, tf.float32), tf.cast(reliability, tf.float32)
        present = tf.cast(valid, tf.bool)  # [B, T]
        if self.kind == "none":
            return _current(maps)[:, 0]
        if self.kind == "max":
            return tf.reduce_max(tf.where(present[:, :, None, None, None], maps, _current(maps)), axis=1)
        present = tf.cast(present, tf.float32)[..., None]  # [B, T, 1]
        if self.kind == "sum":
            return _weighted_sum(maps, tf.fill([maps.shape[1], 1], 1.0 / maps.shape[1]), present)
        if self.kind == "parametric":
            return _weighted_sum(maps, self.weight, present) + self.bias
        changes = (
            (self.weight * present)[:, :, None, None, :] * self._gates(maps, reliability) * (maps - _current(maps))
        )
        return self.scale * (_current(maps)[:, 0] + tf.reduce_sum(changes, axis=1)) + self.bias

    def frame_weights(self) -> np.ndarray:
        """The learned weight of each frame's map.

        Of data_dependent: those of neighbours that are as sure as the current frame, with flow that is relied upon.

        Returns:
          float32 [T, J], row T // 2 the current frame.

        Raises:
          ValueError: for a kind without weights, or before the layer is built.
        """
        if not hasattr(self, "weight"):
            state = f"kind {self.kind}" if self.built else "one that is not built"
            raise ValueError(f"expected a built layer of the kinds parametric or data_dependent, received {state}")
        weights = np.array(self.weight, np.float32)
        if self.kind == "data_dependent":
            weights *= 2.0 / (1.0 + np.exp(-np.asarray(self.offset)))
            weights[len(weights) // 2] = 0.0
            weights[len(weights) // 2] = 1.0 - weights.sum(axis=0)
            weights *= np.asarray(self.scale)
        return weights

    def compute_output_shape(self, input_shape):
        batch, _, height, width, joints = input_shape[0]
        return (batch, height, width, joints)

    def get_config(self):
        return {**super().get_config(), "kind": self.kind}

    def _gates(self, maps, reliability):
        peaks = tf.reduce_max(maps, axis=(2, 3))  # [B, T, J]
        surer = peaks - peaks[:, maps.shape[1] // 2, None]
        logits = (self.offset + self.evidence * surer)[:, :, None, None, :] + self.trust * (
            reliability[..., None] - 1.0
        )
        return 2.0 * tf.sigmoid(logits)  # [B, T, h, w, J]


def _current(maps):
    """The middle frame's maps, [B, 1, h, w, J]."""
    middle = maps.shape[1] // 2
    return maps[:, middle : middle + 1]


def _weighted_sum(maps, weight, present):
    """Σ_t weight[t] · m_t over frames that exist; the current frame has the weight of all others too.

    Product and sum, not `einsum`: as a batch of small matrix products that takes longer (2.1 against 1.5 ms with its
    gradient for 8 × 11 × 32 × 32 × 7 on two cores), and recent GPUs would round the maps to 11 bits. Moving weights
    instead of maps spares a second copy of all maps.
    """
    frames = maps.shape[1]
    is_current = tf.one_hot(frames // 2, frames)[:, None]  # [T, 1]
    kept = weight * present  # [B, T, J]
    kept += is_current * tf.reduce_sum(weight - kept, axis=1, keepdims=True)
    return tf.reduce_sum(maps * kept[:, :, None, None, :], axis=1)


def _initial_centre(shape, dtype=None, **_):
    """Initialises [T, J] to 1 in the middle row, 0 elsewhere."""
    row = tf.one_hot(shape[0] // 2, shape[0], dtype=dtype or tf.float32)
    return tf.repeat(row[:, None], shape[1], axis=1)
