"""Two well-known designs of pose nets in Keras, to train with this project's pipeline beside `lite`.

Both are narrower than published, so that one core can train them in minutes, and keep what makes the design. Batch norm
has the momentum of this project's nets, and heads start at zero as here.

- SimpleBaseline (Xiao, Wu and Wei, "Simple Baselines for Human Pose Estimation and Tracking", ECCV 2018): a residual
  trunk down to stride 32, three 4×4 transposed convolutions, a 1×1 head. Published: ResNet-50 and 256 channels; here a
  ResNet-18 of half the width (32 to 256 channels) and 128 channels.
- Stacked hourglass (Newell, Yang and Deng, ECCV 2016): two hourglasses of bottlenecks at stride 4, the first
  supervised, its maps fed back. Published: eight of depth 4 with 256 channels; here two of depth 3 with 64.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

from keras_pose.models import blocks
from keras_pose.models.pose_net import FRAME_NET
from keras_pose.models.upsampling import DoubleSize

_STAGES = (32, 64, 128, 256)
_DECONVOLUTION = 128
_HOURGLASS = 64
_DEPTH = 3
_MOMENTUM = 0.9


def build_simple_baseline(num_joints: int, input_size_hw: tuple[int, int]) -> keras.Model:
    """Builds SimpleBaseline with new weights.

    Args:
      num_joints: J.
      input_size_hw: (H, W) px, multiples of 32.

    Returns:
      Model of {"frames": float32 [B, H, W, 3], RGB 0..255} to {"heatmaps": float32 [B, H/4, W/4, J], peak 1}.
    """
    frames = keras.Input((*input_size_hw, 3), name="frames")
    x = blocks.conv_bn_relu(blocks.rescale_frames(frames), _STAGES[0], 7, "stem", strides=2)
    x = keras.layers.MaxPooling2D(3, 2, padding="same", name="stem_pool")(x)
    for stage, channels in enumerate(_STAGES):
        for block in range(2):
            strides = 2 if stage and not block else 1
            x = _basic_block(x, channels, strides, f"stage{stage}_block{block}")
    for number in range(3):
        x = keras.layers.Conv2DTranspose(
            _DECONVOLUTION, 4, 2, padding="same", use_bias=False, kernel_initializer="he_normal", name=f"deconv{number}"
        )(x)
        x = keras.layers.ReLU(name=f"deconv{number}_relu")(_normalise(x, f"deconv{number}_bn"))
    return keras.Model(frames, {"heatmaps": blocks.heatmap_head(x, num_joints, "heatmaps")}, name=FRAME_NET)


def build_hourglass(num_joints: int, input_size_hw: tuple[int, int]) -> keras.Model:
    """Builds two stacked hourglasses with new weights.

    Args:
      num_joints: J.
      input_size_hw: (H, W) px, multiples of 32.

    Returns:
      Model of {"frames": float32 [B, H, W, 3], RGB 0..255} to {"heatmaps", "trunk_heatmaps"}: float32
      [B, H/4, W/4, J] of the second and of the first hourglass.
    """
    frames = keras.Input((*input_size_hw, 3), name="frames")
    x = blocks.conv_bn_relu(blocks.rescale_frames(frames), _HOURGLASS // 2, 7, "stem", strides=2)
    x = _bottleneck(x, _HOURGLASS // 2, "stem_residual")
    x = keras.layers.MaxPooling2D(2, name="stem_pool")(x)
    x = _bottleneck(x, _HOURGLASS, "stem_wide")
    first = blocks.conv_bn_relu(_hourglass(x, _DEPTH, "first"), _HOURGLASS, 1, "first_mix")
    maps = blocks.heatmap_head(first, num_joints, "trunk_heatmaps")
    back = keras.layers.Conv2D(_HOURGLASS, 1, name="maps_back")(maps)
    x = keras.layers.Add(name="between")([x, keras.layers.Conv2D(_HOURGLASS, 1, name="features_back")(first), back])
    last = blocks.conv_bn_relu(_hourglass(x, _DEPTH, "second"), _HOURGLASS, 1, "second_mix")
    outputs = {"heatmaps": blocks.heatmap_head(last, num_joints, "heatmaps"), "trunk_heatmaps": maps}
    return keras.Model(frames, outputs, name=FRAME_NET)


# Name on the command line: how it is built.
DESIGNS: dict[str, Callable[[int, tuple[int, int]], keras.Model]] = {
    "simple_baseline": build_simple_baseline,
    "hourglass": build_hourglass,
}


def _normalise(x: tf.Tensor, name: str) -> tf.Tensor:
    return keras.layers.BatchNormalization(momentum=_MOMENTUM, epsilon=1e-3, name=name)(x)


def _convolve(x, filters, kernel_size, name, strides=1):
    """A convolution and batch norm, without ReLU."""
    x = keras.layers.Conv2D(
        filters, kernel_size, strides, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
    )(x)
    return _normalise(x, f"{name}_bn")


def _add_shortcut(x, branch, filters, strides, name):
    if strides > 1 or x.shape[-1] != filters:
        x = _convolve(x, filters, 1, f"{name}_shortcut", strides)
    return keras.layers.ReLU(name=f"{name}_relu")(keras.layers.Add(name=f"{name}_add")([x, branch]))


def _basic_block(x, filters, strides, name):
    branch = blocks.conv_bn_relu(x, filters, 3, f"{name}_a", strides=strides)
    return _add_shortcut(x, _convolve(branch, filters, 3, f"{name}_b"), filters, strides, name)


def _bottleneck(x, filters, name):
    branch = blocks.conv_bn_relu(x, filters // 2, 1, f"{name}_a")
    branch = blocks.conv_bn_relu(branch, filters // 2, 3, f"{name}_b")
    return _add_shortcut(x, _convolve(branch, filters, 1, f"{name}_c"), filters, 1, name)


def _hourglass(x, depth, name):
    skip = _bottleneck(x, _HOURGLASS, f"{name}{depth}_skip")
    low = keras.layers.MaxPooling2D(2, name=f"{name}{depth}_pool")(x)
    low = _bottleneck(low, _HOURGLASS, f"{name}{depth}_down")
    low = _hourglass(low, depth - 1, name) if depth > 1 else _bottleneck(low, _HOURGLASS, f"{name}0")
    low = DoubleSize(name=f"{name}{depth}_up")(_bottleneck(low, _HOURGLASS, f"{name}{depth}_low"))
    return keras.layers.Add(name=f"{name}{depth}_merge")([skip, low])
