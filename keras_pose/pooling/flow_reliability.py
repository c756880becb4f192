"""How far flow can be relied upon, inside the net."""

from __future__ import annotations

import keras
import tensorflow as tf

from keras_pose.flow import reliability
from keras_pose.pooling.windows import fold, unfold


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
        small = unfold(tf.nn.avg_pool2d(fold(frames), self.stride, self.stride, "VALID"), frames.shape[1])
        return tf.stop_gradient(reliability.window_reliability(small, tf.cast(flows, tf.float32)))

    def compute_output_shape(self, input_shape):
        return tuple(input_shape[1][:-1])

    def get_config(self):
        return {**super().get_config(), "stride": self.stride}
