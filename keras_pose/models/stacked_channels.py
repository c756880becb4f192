"""A window of frames and flow as the channels of one image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_pose.autograph import without_autograph

_RANGE_PX = 32.0  # flow of this many px spans half of the range of 0 to 255


@keras.saving.register_keras_serializable("keras_pose")
class StackedChannels(keras.layers.Layer):
    """Stacks the frames of a window and the flow to its neighbours as channels; flow gets the range and size of frames.

    Args:
      stride: frame px per px of the flow.

    Call arguments:
      inputs: list of frames float [B, T, H, W, 3] of 0 to 255, and flows float [B, T, H/stride, W/stride, 2] in px of
        that grid; the current frame, whose flow is left out, is the middle one.

    Returns:
      float32 [B, H, W, 3 T + 2 (T − 1)], about 0 to 255; zero flow is 127.5.

    Example:

    >>> frames, flows = tf.zeros([2, 5, 64, 64, 3]), tf.zeros([2, 5, 16, 16, 2])
    >>> StackedChannels(stride=4)([frames, flows]).shape
    TensorShape([2, 64, 64, 23])
    """

    def __init__(self, stride: int = 4, dtype: str = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.stride = stride

    @without_autograph
    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        frames, flows = inputs
        length = frames.shape[1]
        # Bring the flow to the neighbours to the range and size of frames.
        neighbours = [t for t in range(length) if t != length // 2]
        flows = tf.gather(flows, neighbours, axis=1) * (self.stride * 127.5 / _RANGE_PX) + 127.5
        for axis in (2, 3):
            flows = tf.repeat(flows, self.stride, axis=axis)
        # Put all frames, then all flows behind each other.
        stacked = tf.concat(tf.unstack(frames, axis=1) + tf.unstack(flows, axis=1), axis=-1)
        return tf.ensure_shape(stacked, self.compute_output_shape([frames.shape]))

    def compute_output_shape(self, input_shape: Sequence[tuple]) -> tuple:
        batch, length, height, width, _ = input_shape[0]
        return (batch, height, width, 5 * length - 2)

    def get_config(self) -> dict:
        return {**super().get_config(), "stride": self.stride}
