"""How reliable the flow of a window is, computed inside the net."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_pose.autograph import without_autograph
from keras_pose.flow import reliability
from keras_pose.pooling.windows import fold, unfold


@keras.saving.register_keras_serializable("keras_pose")
class FlowReliability(keras.layers.Layer):
    """Measures how similar each frame of a window, warped to the middle frame, is to it. No gradient goes through it.

    Args:
      stride: frame px per px of the flow.

    Call arguments:
      inputs: list of frames float [B, T, H, W, 3] of 0 to 255, and flows float [B, T, h, w, 2] in px of that grid.

    Returns:
      float32 [B, T, h, w], 0 to 1 (see `flow.reliability.photometric`).

    Example:

    >>> still, no_flow = tf.zeros([2, 5, 64, 64, 3]), tf.zeros([2, 5, 16, 16, 2])
    >>> reliability_of_still_frames = FlowReliability(stride=4)([still, no_flow])
    >>> reliability_of_still_frames.shape, float(tf.reduce_min(reliability_of_still_frames))
    (TensorShape([2, 5, 16, 16]), 1.0)
    """

    def __init__(self, stride: int = 4, dtype: str = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.stride = stride

    @without_autograph
    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        frames, flows = inputs
        frames = tf.stop_gradient(tf.cast(frames, tf.float32))
        # Average the frames to the grid of the flow, and compare them there.
        small = unfold(tf.nn.avg_pool2d(fold(frames), self.stride, self.stride, "VALID"), frames.shape[1])
        return tf.stop_gradient(reliability.window_reliability(small, tf.cast(flows, tf.float32)))

    def compute_output_shape(self, input_shape: Sequence[tuple]) -> tuple:
        return tuple(input_shape[1][:-1])

    def get_config(self) -> dict:
        return {**super().get_config(), "stride": self.stride}
