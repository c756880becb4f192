"""Layers for windows of frames: a net for single frames is run on all of them at once.

They are float32 whatever the policy: frames keep their grey levels, and heatmaps come out as the heads gave them.
"""

from __future__ import annotations

import keras
import tensorflow as tf


def fold(x):
    """Makes a batch of single frames of windows: [B, T, ...] to [B·T, ...]."""
    folded = tf.reshape(x, tf.concat([[-1], tf.shape(x)[2:]], axis=0))
    return tf.ensure_shape(folded, [None, *x.shape[2:]])


def unfold(x, num_frames):
    """Makes windows of `num_frames` again: [B·T, ...] to [B, T, ...]."""
    unfolded = tf.reshape(x, tf.concat([[-1, num_frames], tf.shape(x)[1:]], axis=0))
    return tf.ensure_shape(unfolded, [None, num_frames, *x.shape[1:]])


@keras.saving.register_keras_serializable("keras_pose")
class FoldFrames(keras.layers.Layer):
    """`fold` as a layer."""

    def __init__(self, dtype="float32", **kwargs):
        super().__init__(dtype=dtype, **kwargs)

    def call(self, x):
        return fold(x)

    def compute_output_shape(self, input_shape):
        return (None, *input_shape[2:])


@keras.saving.register_keras_serializable("keras_pose")
class UnfoldFrames(keras.layers.Layer):
    """`unfold` as a layer."""

    def __init__(self, num_frames, dtype="float32", **kwargs):
        super().__init__(dtype=dtype, **kwargs)
        self.num_frames = num_frames

    def call(self, x):
        return unfold(x, self.num_frames)

    def compute_output_shape(self, input_shape):
        return (None, self.num_frames, *input_shape[1:])

    def get_config(self):
        return {**super().get_config(), "num_frames": self.num_frames}


@keras.saving.register_keras_serializable("keras_pose")
class MiddleFrame(keras.layers.Layer):
    """Takes the current frame, the middle one of a window: [B, T, ...] to [B, ...]."""

    def __init__(self, dtype="float32", **kwargs):
        super().__init__(dtype=dtype, **kwargs)

    def call(self, x):
        return x[:, x.shape[1] // 2]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *input_shape[2:])
