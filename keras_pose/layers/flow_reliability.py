"""How far flow can be relied upon, inside the net."""

from __future__ import annotations

import keras
import tensorflow as tf

from keras_pose.flow import reliability


@keras.saving.register_keras_serializable("keras_pose")
class FlowReliability(keras.layers.Layer):
    """How well each frame of a window, warped onto the middle one, looks like it.

    Args:
      stride: frame px per px of the flow.

    Call arguments:
      inputs: list of frames float [B, T, H, W, 3] of 0 to 255, and flows float [B, T, h, w, 2] in px of that grid.

    Returns:
      float32 [B, T, h, w], 0 to 1 (see `flow.reliability.photometric`).
    """

    def __init__(self, stride=4, dtype="float32", **kwargs):
        super().__init__(dtype=dtype, **kwargs)
        self.stride = stride

    def call(self, inputs):
        frames, flows = inputs
        frames = tf.stop_gradient(tf.cast(frames, tf.float32))
        length = frames.shape[1]
        flat = tf.reshape(frames, tf.concat([[-1], tf.shape(frames)[2:]], axis=0))
        small = tf.nn.avg_pool2d(flat, self.stride, self.stride, "VALID")
        small = tf.reshape(small, tf.concat([[-1, length], tf.shape(small)[1:]], axis=0))
        middle = tf.broadcast_to(small[:, length // 2, None], tf.shape(small))
        return tf.stop_gradient(reliability.photometric(middle, small, tf.cast(flows, tf.float32)))

    def compute_output_shape(self, input_shape):
        return tuple(input_shape[1][:-1])

    def get_config(self):
        return {**super().get_config(), "stride": self.stride}
