"""chain_readout: a chain whose result is read where most of the probability lies within reach, moved by an offset.

A chain multiplies what many frames say, so its probability map p₀ is sharp, and its highest pixel depends on small
differences between frames. And where a joint is labelled need not be where the net's maps have their peaks: the
shoulders of two data sets can lie a tenth of a torso apart. So the result is

    out(p) = Σ_d R(d) · p₀(p + d),      R a Gaussian of 9×9 px around −offset that sums to 1,

with an offset (x, y) and a width for each joint, which it learns with the weights of the chain from the same loss. Its
highest pixel is the place with the most probability around it (for a width of a hit's radius, the place that is most
often a hit), not the likeliest pixel.

The chain itself begins with other weights than `chain`: K is sharper (0.85 instead of 1.5 heatmap px), messages are not
discounted, and ε is larger, so that a frame that is wrong for sure cannot veto the others. They were chosen on films of
JHMDB's `train_upper.txt`; on other films, this gained more over the single frame than `chain` as it begins
(`docs/results.md`, "Time on real people").
"""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf
from keras.layers import Layer

from keras_pose.pooling.chain import Chain, ChainStart, add_constant

READOUT_PX = 9
_START_WIDTH_PX = 2.0


class ChainReadout(Chain):
    """chain_readout: a chain, and a learned Gaussian per joint through which its result is read."""

    start = ChainStart(sigma_px=0.85, epsilon=0.2, memory=1.0)

    def add_weights(self, layer: Layer, num_frames: int, num_joints: int) -> None:
        super().add_weights(layer, num_frames, num_joints)
        # (x, y) in heatmap px, and the logarithm of the width.
        layer.readout_offset = add_constant(layer, "readout_offset", (2, num_joints), 0.0)
        layer.readout_log_width = add_constant(layer, "readout_log_width", (num_joints,), math.log(_START_WIDTH_PX))

    def read_out(self, layer: Layer, pooled: tf.Tensor) -> tf.Tensor:
        kernels = make_readout(layer.readout_offset, layer.readout_log_width)
        return tf.nn.depthwise_conv2d(pooled, kernels[..., None], strides=[1, 1, 1, 1], padding="SAME")

    def readout_kernels(self, layer: Layer) -> np.ndarray:
        return np.moveaxis(np.array(make_readout(layer.readout_offset, layer.readout_log_width)), -1, 0)


def make_readout(offset: tf.Tensor, log_width: tf.Tensor) -> tf.Tensor:
    """Makes Gaussians that sum to 1 and move a map by an offset when it is correlated with them.

    Args:
      offset: float32 [2, J], (x, y) in heatmap px.
      log_width: float32 [J], the logarithm of their standard deviation in heatmap px.

    Returns:
      float32 [READOUT_PX, READOUT_PX, J].
    """
    away = tf.range(READOUT_PX, dtype=tf.float32)[:, None] - READOUT_PX // 2  # [k, 1]
    square = tf.square(away + offset[0])[None] + tf.square(away + offset[1])[:, None]  # [k, k, J]
    logits = -square / (2.0 * tf.exp(2.0 * log_width))
    kernel = tf.nn.softmax(tf.reshape(logits, [READOUT_PX**2, -1]), axis=0)
    return tf.reshape(kernel, [READOUT_PX, READOUT_PX, -1])
