"""Pieces that all nets here are built from: convolutions with batch norm, upsampling, heads, the decoder with skips.

Everything is a Keras layer, since raw TensorFlow calls on symbolic tensors fail on Keras 3. Letters in shapes: B batch,
H W image, h w map, C channels, J joints.
"""

from __future__ import annotations

from typing import NamedTuple

import keras
import tensorflow as tf

from keras_pose.models.upsampling import DoubleSize


class Trunk(NamedTuple):
    """The features of a trunk, at the stride of the heatmaps.

    Attributes:
      early: float [B, h, w, C1], early features: exact places, little context.
      features: float [B, h, w, C2], its last features.
    """

    early: tf.Tensor
    features: tf.Tensor


def scale_channels(channels: int, width: float) -> int:
    """Scales a channel count by the width factor, to a multiple of 4 (vector units need that) and at least 4."""
    return max(4, 4 * int(round(channels * width / 4)))


def conv_bn_relu(x: tf.Tensor, filters: int, kernel_size: int, name: str, strides: int = 1) -> tf.Tensor:
    """Applies a "same" convolution without bias, batch norm and ReLU.

    Args:
      x: float [B, h, w, C].
      filters: channels out.
      kernel_size: side of the square kernel.
      name: name of the convolution; the other two layers add `_bn` and `_relu`.
      strides: 1 or 2.

    Returns:
      float [B, h / strides, w / strides, filters].
    """
    x = keras.layers.Conv2D(
        filters, kernel_size, strides, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
    )(x)
    # Momentum 0.9 instead of Keras' 0.99: the moving averages must be right after a run of a few hundred steps.
    # Several machines normalise by the statistics of the whole batch, so that they learn what one would.
    several = isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy)
    x = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-3, synchronized=several, name=f"{name}_bn")(x)
    return keras.layers.ReLU(name=f"{name}_relu")(x)


def upsample_and_add(coarse: tf.Tensor, fine: tf.Tensor, filters: int, name: str) -> tf.Tensor:
    """Doubles the size of coarse features, adds finer ones, and mixes both.

    Args:
      coarse: float [B, h, w, C1].
      fine: float [B, 2h, 2w, C2].
      filters: channels out; both sides are projected to it before they are added.
      name: prefix of the layers' names.

    Returns:
      float [B, 2h, 2w, filters].
    """
    coarse = conv_bn_relu(coarse, filters, 1, f"{name}_coarse")
    coarse = DoubleSize(name=f"{name}_up")(coarse)
    fine = conv_bn_relu(fine, filters, 1, f"{name}_skip")
    x = keras.layers.Add(name=f"{name}_add")([coarse, fine])
    return conv_bn_relu(x, filters, 3, f"{name}_mix")


def heatmap_head(x: tf.Tensor, num_joints: int, name: str) -> tf.Tensor:
    """Applies the head 1×1×J, which starts at zero and stays float32 under mixed precision.

    With an L2 loss over mostly empty maps a net with a random head first falls to all zeros and hardly leaves that
    state. A zero head starts there, with random features behind it, and learns at once.

    Args:
      x: float [B, h, w, C].
      num_joints: J.
      name: name of the layer, the key of the model's output.

    Returns:
      float32 [B, h, w, J].
    """
    return keras.layers.Conv2D(num_joints, 1, kernel_initializer="zeros", dtype="float32", name=name)(x)


def rescale_frames(frames: tf.Tensor) -> tf.Tensor:
    """Maps float32 [B, H, W, 3], 0..255, to -1..1."""
    return keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="rescaled_frames")(frames)
