"""MobileNetV2 without batch norm, and a decoder of separable convolutions: MoveNet Lightning's trunk.

It has no batch norm because it is meant to start from weights whose batch norm is folded: MoveNet's
(`--backbone_weights=<folder>`) or those of a run. So every array of MoveNet has its place, training keeps what the net
knows from the first step on, and nothing depends on the batch. From scratch, a preset with batch norm learns faster.
Blocks and their names: Sandler et al. 2018 (arXiv 1801.04381) and `keras.applications.MobileNetV2`.

Leaving out residual blocks, to save time, was tried: without 6 of 17 the net had forgotten most of what it knew, and
1,200 steps did not bring it back.
"""

from __future__ import annotations

from typing import NamedTuple

import keras
import tensorflow as tf

from keras_pose.models import blocks, separable_decoder

SIZE_MULTIPLE = 32


class Block(NamedTuple):
    """An inverted residual block.

    Attributes:
      name: its name in `keras.applications.MobileNetV2`.
      channels: channels out.
      strides: 1 or 2.
      expansion: factor of channels inside.
    """

    name: str
    channels: int
    strides: int
    expansion: int = 6


BLOCKS = (
    Block("expanded_conv", 16, 1, expansion=1),
    Block("block_1", 24, 2),
    Block("block_2", 24, 1),
    Block("block_3", 32, 2),
    Block("block_4", 32, 1),
    Block("block_5", 32, 1),
    Block("block_6", 64, 2),
    Block("block_7", 64, 1),
    Block("block_8", 64, 1),
    Block("block_9", 64, 1),
    Block("block_10", 96, 1),
    Block("block_11", 96, 1),
    Block("block_12", 96, 1),
    Block("block_13", 160, 2),
    Block("block_14", 160, 1),
    Block("block_15", 160, 1),
    Block("block_16", 320, 1),
)
TOP = 1280
# Blocks whose output is taken at strides 4, 8 and 16.
SKIPS = ("block_2", "block_5", "block_9")


def build_trunk(frames: tf.Tensor, width: float = 1.0) -> blocks.Trunk:
    """Applies the encoder down to stride 32 and the decoder up to stride 4.

    Args:
      frames: float32 [B, H, W, 3], RGB 0..255, H and W multiples of 32.
      width: factor of the decoder's channel counts; the encoder's are fixed.

    Returns:
      Trunk of early features (float [B, H/4, W/4, 24]) and the decoder's (96 channels).
    """
    x = _conv(blocks.rescale_frames(frames), 32, 3, "Conv1", strides=2)
    x = keras.layers.ReLU(6.0, name="Conv1_relu")(x)
    outputs = {}
    for block in BLOCKS:
        x = _inverted_residual(x, block)
        outputs[block.name] = x
    skips = [outputs[name] for name in SKIPS]
    x = keras.layers.ReLU(6.0, name="out_relu")(_conv(x, TOP, 1, "Conv_1"))
    features = separable_decoder.decode(x, skips[::-1], width, norm=False)
    return blocks.Trunk(early=skips[0], features=features)


def _inverted_residual(x, block):
    name = block.name
    start = x
    if block.expansion > 1:
        x = _conv(x, block.expansion * x.shape[-1], 1, f"{name}_expand")
        x = keras.layers.ReLU(6.0, name=f"{name}_expand_relu")(x)
    x = keras.layers.DepthwiseConv2D(
        3, block.strides, padding="same", depthwise_initializer="he_normal", name=f"{name}_depthwise"
    )(x)
    x = keras.layers.ReLU(6.0, name=f"{name}_depthwise_relu")(x)
    x = _conv(x, block.channels, 1, f"{name}_project")
    if block.strides == 1 and start.shape[-1] == block.channels:
        x = keras.layers.Add(name=f"{name}_add")([start, x])
    return x


def _conv(x, filters, kernel_size, name, strides=1):
    return keras.layers.Conv2D(
        filters, kernel_size, strides, padding="same", kernel_initializer="he_normal", name=name
    )(x)
