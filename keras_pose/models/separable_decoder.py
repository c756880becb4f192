"""A decoder of separable convolutions, from stride 32 up to stride 4, for encoders that must be quick.

It has the layers of the feature pyramid and of the joints' head of MoveNet Lightning (Google, Apache-2.0; a CenterNet
on MobileNetV2, Zhou et al. 2019, arXiv 1904.07850), so that their weights fit (`movenet`): skips are projected by a
1×1 convolution and added to what comes from below, bilinearly doubled; then a depthwise 3×3 and a 1×1 convolution.
It costs about a tenth of a decoder of full 3×3 convolutions.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from keras_pose.models import blocks

# Channels after the levels of stride 16, 8 and 4, and of the features.
LEVELS = (32, 24, 24)
TOP = 64
FEATURES = 96


def decode(top: tf.Tensor, skips: Sequence[tf.Tensor], width: float = 1.0, norm: bool = True) -> tf.Tensor:
    """Decodes from the coarsest features to the size of the finest skip.

    Args:
      top: float [B, h, w, C], the encoder's output, of stride 32.
      skips: features of strides 16, 8 and 4, in this order.
      width: factor of all channel counts.
      norm: whether batch norm follows the 1×1 convolutions; otherwise they have a bias.

    Returns:
      float [B, 8h, 8w, 96] features, at stride 4.
    """
    x = keras.layers.Conv2D(blocks.scale_channels(TOP, width), 1, name="pyramid_top")(top)
    for stride, skip, channels in zip((16, 8, 4), skips, LEVELS):
        name = f"pyramid{stride}"
        x = keras.layers.UpSampling2D(interpolation="bilinear", name=f"{name}_up")(x)
        skip = keras.layers.Conv2D(x.shape[-1], 1, name=f"{name}_skip")(skip)
        x = keras.layers.Add(name=f"{name}_add")([x, skip])
        x = _separable(x, blocks.scale_channels(channels, width), name, norm)
    return _separable(x, blocks.scale_channels(FEATURES, width), "features", norm)


def _separable(x, filters, name, norm):
    x = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False, name=f"{name}_depthwise")(x)
    if not norm:
        x = keras.layers.Conv2D(filters, 1, kernel_initializer="he_normal", name=f"{name}_mix")(x)
        return keras.layers.ReLU(name=f"{name}_mix_relu")(x)
    return blocks.conv_bn_relu(x, filters, 1, f"{name}_mix")
