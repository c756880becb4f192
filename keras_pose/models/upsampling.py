"""Doubling the size of feature maps by repeating pixels."""

from __future__ import annotations

import keras
import tensorflow as tf

from keras_pose.autograph import without_autograph


@keras.saving.register_keras_serializable("keras_pose")
class DoubleSize(keras.layers.Layer):
    """Repeats every pixel in both directions: `UpSampling2D(2)` by concatenations instead of a resize.

    XLA of TensorFlow 2.15 cannot compile the gradient of a nearest-neighbour resize; the gradient here is a sum. A
    broadcast does the same, but takes 1.6 times as long with its gradient, and splits the graph of TensorFlow Lite,
    whose fast operations (XNNPACK) have no broadcast.

    Input shape: float [B, h, w, C].
    Output shape: float [B, 2h, 2w, C].

    Example:

    >>> DoubleSize()(tf.constant([[[[1.0], [2.0]]]]))[0, :, :, 0].numpy().tolist()
    [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]
    """

    @without_autograph
    def call(self, x: tf.Tensor) -> tf.Tensor:
        batch, height, width = tf.unstack(tf.shape(x)[:3])
        channels = x.shape[-1]
        # [B, h, w, 2C] is [B, h, 2w, C] in memory, and rows follow each other in the same way.
        wide = tf.reshape(tf.concat([x, x], axis=-1), [batch, height, 2 * width * channels])
        doubled = tf.reshape(tf.concat([wide, wide], axis=-1), [batch, 2 * height, 2 * width, channels])
        return tf.ensure_shape(doubled, self.compute_output_shape(x.shape))

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        batch, height, width, channels = input_shape
        return (batch, height and 2 * height, width and 2 * width, channels)
