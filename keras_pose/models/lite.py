"""The trunk of the `lite` preset: a small strided net with skips, made for CPUs.

Plain 3×3 and 1×1 convolutions, which oneDNN trains fastest (depthwise ones are slow there), few channels where the
maps are large, and an encoder down to stride 32, so that each place sees most of the upper body. Variants measured on
drawn figures at equal steps: 4×4 instead of 3×3 kernels and bilinear upsampling gained nothing; wider early stages
gained less than training for more steps in the same time.
"""

from __future__ import annotations

import tensorflow as tf

from keras_pose.models import blocks

SIZE_MULTIPLE = 32
STEM = 24
# channels at strides 4, 8, 16, 32
ENCODER = (32, 64, 96, 96)
DECODER = (32, 48, 64)


def build_trunk(frames: tf.Tensor, width: float = 1.0) -> blocks.Trunk:
    """Applies the encoder down to stride 32 and the decoder up to stride 4.

    Args:
      frames: float32 [B, H, W, 3], RGB 0..255, H and W multiples of 32.
      width: factor of all channel counts.

    Returns:
      Trunk of float [B, H/4, W/4, 32] features, twice.
    """
    # Encode: halve the size at each level.
    x = blocks.rescale_frames(frames)
    x = blocks.conv_bn_relu(x, blocks.scale_channels(STEM, width), 3, "stem", strides=2)
    stages = []
    for level, channels in enumerate(ENCODER, start=2):
        filters = blocks.scale_channels(channels, width)
        x = blocks.conv_bn_relu(x, filters, 3, f"down{level}", strides=2)
        x = blocks.conv_bn_relu(x, filters, 3, f"stage{level}")
        stages.append(x)
    # Decode: double the size and add the encoder's features of that size.
    for level, (channels, skip) in reversed(list(enumerate(zip(DECODER, stages[:-1]), start=2))):
        x = blocks.upsample_and_add(x, skip, blocks.scale_channels(channels, width), f"decoder{level}")
    return blocks.Trunk(early=stages[0], features=x)
