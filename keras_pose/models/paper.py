"""The trunk of the published heatmap net (Pfister, Charles, Zisserman, ICCV 2015, arXiv 1506.02897; Caffe prototxt).

Widths and kernels are the published ones, stride 4. Departures, each because the published choice fails:
- He initialisation instead of a Gaussian of 0.01: from there, L2 on mostly empty maps falls to all zeros and stays;
- heads that start at zero, for the same reason, and no ReLU on the first head (conv8), which would cut its gradient;
- frames scaled to -1..1.

For weights of the published net (`keras-pose import-caffe`), `black_border` puts black around the frame, as Caffe's
padding of 0 does for frames of 0..255. Padding frames of -1..1 with 0 puts grey around them.
"""

from __future__ import annotations

import keras
import tensorflow as tf

from keras_pose.models import blocks

SIZE_MULTIPLE = 4
# name, kernel, channels, pooled by 2 afterwards
TRUNK = (
    ("conv1", 5, 128, True),
    ("conv2", 5, 128, True),
    ("conv3", 5, 128, False),
    ("conv4", 9, 256, False),
    ("conv5", 9, 512, False),
    ("conv6", 1, 256, False),
    ("conv7", 1, 256, False),
)
FUSION = (("fusion1", 7, 64), ("fusion2", 13, 64), ("fusion3", 13, 128), ("fusion4", 1, 256))


def conv_relu(x: tf.Tensor, filters: int, kernel_size: int, name: str, padding: str = "same") -> tf.Tensor:
    """Applies a convolution with bias, He-initialised, and ReLU: float [B, h, w, C] to [B, h, w, filters]."""
    return keras.layers.Conv2D(
        filters, kernel_size, padding=padding, activation="relu", kernel_initializer="he_normal", name=name
    )(x)


def build_trunk(frames: tf.Tensor, width: float = 1.0, black_border: bool = False) -> blocks.Trunk:
    """Applies conv1 to conv7.

    Args:
      frames: float32 [B, H, W, 3], RGB 0..255, H and W multiples of 4.
      width: factor of all channel counts; 1.0 is the published net.
      black_border: whether conv1 sees black around the frame; otherwise grey.

    Returns:
      Trunk of conv3 (float [B, H/4, W/4, 128]) and conv7 (float [B, H/4, W/4, 256]).
    """
    if black_border:
        frames = keras.layers.ZeroPadding2D(TRUNK[0][1] // 2, name="black_border")(frames)
    x = blocks.rescale_frames(frames)
    outputs: dict[str, tf.Tensor] = {}
    for name, kernel_size, channels, pooled in TRUNK:
        padding = "valid" if black_border and not outputs else "same"
        x = conv_relu(x, blocks.scale_channels(channels, width), kernel_size, name, padding)
        outputs[name] = x
        if pooled:
            x = keras.layers.MaxPooling2D(2, name=f"{name}_pool")(x)
    return blocks.Trunk(early=outputs["conv3"], features=outputs["conv7"])
