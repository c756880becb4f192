"""Windows of frames as tensors: a net for single frames runs on all of them at once, and their maps are pooled.

The layers are float32 under any policy: frames keep their grey levels, and heatmaps leave as the heads returned them.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from keras_pose.autograph import without_autograph
from keras_pose.flow import reliability
from keras_pose.pooling.temporal_pooling import TemporalPooling


def pool_window(
    pooling: TemporalPooling, maps: tf.Tensor, valid: tf.Tensor, frames: tf.Tensor, flows: tf.Tensor
) -> tf.Tensor:
    """Pools windows of maps that are already warped.

    Args:
      pooling: `TemporalPooling`, built.
      maps: float32 [B, T, h, w, J], warped to the middle frame.
      valid: float32 [B, T], 0 for a frame that the clip does not have.
      frames: float32 [B, T, h, w, 3], 0 to 255, averaged to the size of the maps.
      flows: float32 [B, T, h, w, 2], in heatmap px, that the maps were warped by.

    Returns:
      float32 [B, h, w, J].
    """
    if not pooling.needs_reliability:
        return pooling([maps, valid])
    return pooling([maps, valid, reliability.window_reliability(frames, flows)])


def fold(x: tf.Tensor) -> tf.Tensor:
    """Makes a batch of single frames of windows: [B, T, ...] to [B·T, ...]."""
    folded = tf.reshape(x, tf.concat([[-1], tf.shape(x)[2:]], axis=0))
    return tf.ensure_shape(folded, [None, *x.shape[2:]])


def unfold(x: tf.Tensor, num_frames: int) -> tf.Tensor:
    """Makes windows of `num_frames` again: [B·T, ...] to [B, T, ...]."""
    unfolded = tf.reshape(x, tf.concat([[-1, num_frames], tf.shape(x)[1:]], axis=0))
    return tf.ensure_shape(unfolded, [None, num_frames, *x.shape[1:]])


@keras.saving.register_keras_serializable("keras_pose")
class FoldFrames(keras.layers.Layer):
    """Makes a batch of single frames of windows: [B, T, ...] to [B·T, ...].

    Example:

    >>> FoldFrames()(tf.zeros([2, 11, 128, 128, 3])).shape
    TensorShape([22, 128, 128, 3])
    """

    def __init__(self, dtype: str = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)

    @without_autograph
    def call(self, x: tf.Tensor) -> tf.Tensor:
        return fold(x)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (None, *input_shape[2:])


@keras.saving.register_keras_serializable("keras_pose")
class UnfoldFrames(keras.layers.Layer):
    """Makes windows of single frames again: [B·T, ...] to [B, T, ...].

    Args:
      num_frames: T.

    Example:

    >>> UnfoldFrames(11)(tf.zeros([22, 32, 32, 7])).shape
    TensorShape([2, 11, 32, 32, 7])
    """

    def __init__(self, num_frames: int, dtype: str = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.num_frames = num_frames

    @without_autograph
    def call(self, x: tf.Tensor) -> tf.Tensor:
        return unfold(x, self.num_frames)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (None, self.num_frames, *input_shape[1:])

    def get_config(self) -> dict:
        return {**super().get_config(), "num_frames": self.num_frames}


@keras.saving.register_keras_serializable("keras_pose")
class MiddleFrame(keras.layers.Layer):
    """Takes the current frame, which is the middle of a window: [B, T, ...] to [B, ...].

    Example:

    >>> MiddleFrame()(tf.zeros([2, 11, 32, 32, 7])).shape
    TensorShape([2, 32, 32, 7])
    """

    def __init__(self, dtype: str = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)

    @without_autograph
    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x[:, x.shape[1] // 2]

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], *input_shape[2:])
