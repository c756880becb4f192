"""chain: each frame tells the next one where the joint can be, from both ends of the window to its middle.

Belief propagation on a chain (Pearl 1988; the forward-backward algorithm of hidden Markov models), for each joint on
its own. With m_t the map of frame t, brought to the middle frame, and p a pixel:

    r_t(p)   = (max(m_t(p), 0) + ε)^γ                     what frame t says
    a_t(p)   = r_t(p) · (message(p) + 1e-4)^λ             and what it has heard from the frame further out,
               divided by its largest value
    message ← K ∗ a_t                                     goes to the next frame inwards

K is a learned kernel of 7×7 px, for each joint and each side of the window, that sums to 1: how the joint moves from
frame to frame, beyond what the flow knows. The maps are warped before, so this is a chain with the flow in its
transition; without flow, K is all of it. The message of a side begins as a constant at its outermost frame that exists,
so frames beyond a missing one do not count. In the middle

    log p_0 = g · log(max(m_0, 0) + ε) + α_past · log(message_past + 1e-3) + α_future · log(message_future + 1e-3)

Its softmax over the pixels is a probability map. Times 2π·sigma², the sum of a Gaussian of that width, it is on the
scale of heatmaps: a certain joint has a peak near 1. It learns from the cross-entropy of this probability map and the
normalised Gaussian. A frame without any neighbour keeps its map.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from keras.layers import Layer

from keras_pose.pooling.chain_numpy import MESSAGE_FLOOR, RESULT_FLOOR, ChainAccumulator, ChainWeights
from keras_pose.pooling.pooling_kind import CROSS_ENTROPY, PoolingKind, current_maps, find_connected, keep_lone_maps
from keras_pose.pooling.stream_buffer import StreamBuffer

KERNEL_PX = 7


class ChainStart(NamedTuple):
    """The weights of a chain before it learns, with the symbols above.

    Attributes:
      sigma_px: width of the Gaussian that K begins as, in heatmap px.
      epsilon: ε.
      evidence: γ.
      memory: λ.
      current: g.
      message: α.
    """

    sigma_px: float = 1.5
    epsilon: float = 0.05
    evidence: float = 1.0
    memory: float = 0.9
    current: float = 2.0
    message: float = 0.7


class Chain(PoolingKind):
    """chain: messages from frame to frame, from both ends of the window to its middle.

    Attributes:
      start: the weights before it learns.
    """

    learns = True
    loss = CROSS_ENTROPY
    start = ChainStart()

    def add_weights(self, layer: Layer, num_frames: int, num_joints: int) -> None:
        start = self.start
        # Sides: 0 the past, 1 the future.
        layer.kernel_logits = layer.add_weight(
            name="kernel_logits", shape=(2, KERNEL_PX, KERNEL_PX, num_joints), initializer=_Gaussian(start.sigma_px)
        )
        layer.message = add_constant(layer, "message", (2, num_joints), start.message)  # α
        layer.log_epsilon = add_constant(layer, "log_epsilon", (num_joints,), math.log(start.epsilon))
        for name in ("evidence", "memory", "current"):  # γ, λ, g
            setattr(layer, name, add_constant(layer, name, (num_joints,), getattr(start, name)))

    def pool(self, layer: Layer, maps: tf.Tensor, present: tf.Tensor, reliability: tf.Tensor | None) -> tf.Tensor:
        connected = find_connected(present)
        logs = tf.math.log(tf.nn.relu(maps) + tf.exp(layer.log_epsilon))  # [B, T, h, w, J]
        log_map = layer.current * current_maps(logs)[:, 0]
        if maps.shape[1] > 1:
            messages = tf.math.log(self._send_messages(layer, logs, connected) + RESULT_FLOOR)
            past, future = tf.split(messages * tf.reshape(layer.message, [-1]), 2, axis=-1)
            log_map += past + future
        return keep_lone_maps(self.read_out(layer, self._to_heatmaps(layer, log_map)), maps, connected)

    def read_out(self, layer: Layer, pooled: tf.Tensor) -> tf.Tensor:
        """Returns the result of maps that all frames have agreed on, float32 [B, h, w, J]: here, these maps."""
        return pooled

    def readout_kernels(self, layer: Layer) -> np.ndarray | None:
        """Returns what `read_out` correlates the maps with, float32 [J, k, k]; None if it does nothing."""
        return None

    def pool_alone(self, layer: Layer, maps: tf.Tensor, num_frames: int) -> tf.Tensor:
        return maps

    def open_accumulator(self, layer: Layer, buffer: StreamBuffer) -> ChainAccumulator:
        kernels = np.array(make_kernels(layer.kernel_logits))[..., 0]
        kernels = np.moveaxis(kernels.reshape(*kernels.shape[:2], 2, -1), (0, 1), (2, 3))
        values = (layer.message, layer.log_epsilon, layer.evidence, layer.memory, layer.current)
        messages, log_epsilon, evidence, memory, current = (np.array(value, np.float32) for value in values)
        weights = ChainWeights(
            kernels,
            messages,
            np.exp(log_epsilon),
            evidence,
            memory,
            current,
            layer.sigma_px,
            self.readout_kernels(layer),
        )
        return ChainAccumulator(weights, buffer)

    def _send_messages(self, layer, logs, connected):
        """Sends messages to the middle: float32 [B, h, w, 2·J], the past's joints, then the future's."""
        middle = logs.shape[1] // 2
        evidence = logs * layer.evidence
        memory = tf.tile(layer.memory, [2])
        kernel = make_kernels(layer.kernel_logits)
        message = tf.ones_like(tf.concat([logs[:, 0]] * 2, axis=-1))
        # Both sides walk inwards at once, as channels of one tensor.
        for away in range(middle, 0, -1):
            sides = (middle - away, middle + away)
            said = tf.concat([evidence[:, side] for side in sides], axis=-1)
            log_belief = said + memory * tf.math.log(message + MESSAGE_FLOOR)
            belief = tf.exp(log_belief - tf.reduce_max(log_belief, axis=(1, 2), keepdims=True))
            sent = tf.nn.depthwise_conv2d(belief, kernel, strides=[1, 1, 1, 1], padding="SAME")
            exists = tf.stack([connected[:, side] for side in sides], axis=-1)  # [B, 2]
            exists = tf.repeat(exists, logs.shape[-1], axis=-1)[:, None, None, :]
            message = tf.where(exists, sent, message)
        return message

    def _to_heatmaps(self, layer, log_map):
        """Turns the log-map into probabilities, times the sum of a Gaussian of peak 1."""
        relative = tf.exp(log_map - tf.reduce_max(log_map, axis=(1, 2), keepdims=True))
        total = tf.reduce_sum(relative, axis=(1, 2), keepdims=True)
        return relative * (2.0 * math.pi * layer.sigma_px**2 / total)


def make_kernels(logits: tf.Tensor) -> tf.Tensor:
    """Makes kernels that sum to 1 of logits [2, k, k, J]: float32 [k, k, 2·J, 1], as `tf.nn.depthwise_conv2d` takes."""
    shape = logits.shape
    kernel = tf.nn.softmax(tf.reshape(logits, [shape[0], shape[1] * shape[2], shape[3]]), axis=1)
    kernel = tf.transpose(kernel, [1, 0, 2])  # [k·k, 2, J]
    return tf.reshape(kernel, [shape[1], shape[2], shape[0] * shape[3], 1])


def add_constant(layer: Layer, name: str, shape: tuple[int, ...], value: float) -> tf.Variable:
    """Adds a weight that begins with one value everywhere."""
    return layer.add_weight(name=name, shape=shape, initializer=_Constant(value))


class _Constant:
    """Initialises a weight with one value. Keras's own would be saved with the layer."""

    def __init__(self, value):
        self.value = value

    def __call__(self, shape, dtype=None, **_):
        return tf.fill(shape, tf.cast(self.value, dtype or tf.float32))


class _Gaussian:
    """Initialises [2, k, k, J] with the logarithm of a Gaussian."""

    def __init__(self, sigma_px):
        self.sigma_px = sigma_px

    def __call__(self, shape, dtype=None, **_):
        away = np.arange(shape[1]) - shape[1] // 2
        square = away[:, None] ** 2 + away[None, :] ** 2
        logits = (-square / (2 * self.sigma_px**2))[None, :, :, None]
        return tf.constant(np.broadcast_to(logits, shape), dtype or tf.float32)
