"""Spatial fusion: layers that see early features and the trunk's output and predict the heatmaps once more.

They learn which joints go together (an implicit spatial model) and so correct many wrong modes. `build_paper`
is the published block; `build_light` does the same within the budget of a CPU: its context comes from going down to
stride 16, where large kernels are cheap, instead of 13×13 kernels at stride 4.
"""

from __future__ import annotations

import keras
import tensorflow as tf

from keras_pose.models import blocks, paper


def build_paper(trunk: blocks.Trunk, width: float = 1.0) -> tf.Tensor:
    """Applies concat(conv3, conv7), 7×7×64, 13×13×64, 13×13×128, 1×1×256 (arXiv 1506.02897, published prototxt).

    Args:
      trunk: Trunk of float [B, h, w, C] features.
      width: factor of all channel counts.

    Returns:
      float [B, h, w, 256] features for the last head.
    """
    x = keras.layers.Concatenate(name="fusion_concat")([trunk.early, trunk.features])
    for name, kernel_size, channels in paper.FUSION:
        x = paper.conv_relu(x, blocks.scale_channels(channels, width), kernel_size, name)
    return x


def build_light(trunk: blocks.Trunk, width: float = 1.0) -> tf.Tensor:
    """Fuses at strides 8 and 16 and comes back to stride 4.

    Args:
      trunk: Trunk of float [B, h, w, C] features, h and w multiples of 4.
      width: factor of all channel counts.

    Returns:
      float [B, h, w, 32] features for the last head.
    """
    narrow, middle, wide = (blocks.scale_channels(c, width) for c in (32, 48, 64))
    fine = keras.layers.Concatenate(name="fusion_concat")([trunk.early, trunk.features])
    half = blocks.conv_bn_relu(fine, middle, 3, "fusion_down1", strides=2)
    x = blocks.conv_bn_relu(half, wide, 3, "fusion_down2", strides=2)
    x = blocks.conv_bn_relu(x, wide, 5, "fusion_context")
    x = blocks.upsample_and_add(x, half, middle, "fusion_up1")
    return blocks.upsample_and_add(x, fine, narrow, "fusion_up2")
