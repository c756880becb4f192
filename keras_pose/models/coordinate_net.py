"""The coordinate net: the trunk of the heatmap net, then an OverFeat-like fully connected head that regresses (x, y).

The head follows OverFeat (Sermanet et al., arXiv 1312.6229): convolutions and pooling down to a small map, flattened,
then dense layers. It predicts one position per joint, so it cannot express that there are two candidates. It is the
baseline for heatmap nets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from keras_pose.autograph import without_autograph
from keras_pose.models import blocks

HEAD_STRIDE = 32


class DenseHead(NamedTuple):
    """Sizes of the fully connected head.

    Attributes:
      channels: channels of its convolutions.
      units: units of its hidden dense layer.
    """

    channels: int
    units: int


@keras.saving.register_keras_serializable(package="keras_pose")
class ToPixels(keras.layers.Layer):
    """Maps positions relative to the middle, in image sizes, to pixels: x = y · size + (size − 1) / 2.

    Args:
      size_hw: (H, W) of the network input in px.

    Input shape: float32 [B, J, 2], (x, y); 0 is the middle, ±0.5 the borders.
    Output shape: float32 [B, J, 2], (x, y) in px.

    Example:

    >>> ToPixels((64, 96))(tf.constant([[[0.0, 0.0], [0.5, -0.5]]])).numpy().tolist()
    [[[47.5, 31.5], [95.5, -0.5]]]
    """

    def __init__(self, size_hw: Sequence[int], **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self.size_hw = tuple(int(s) for s in size_hw)

    @without_autograph
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        height, width = self.size_hw
        return inputs * [float(width), float(height)] + [(width - 1) / 2, (height - 1) / 2]

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return input_shape

    def get_config(self) -> dict:
        return {**super().get_config(), "size_hw": self.size_hw}


def build_coordinate_net(
    build_trunk: Callable[[tf.Tensor, float], blocks.Trunk],
    head: DenseHead,
    num_joints: int,
    input_size_hw: tuple[int, int],
    width: float = 1.0,
    name: str = "coordinate_net",
) -> keras.Model:
    """Builds the net that regresses positions.

    Args:
      build_trunk: function (frames, width) -> Trunk at stride 4.
      head: DenseHead, the sizes of the fully connected head.
      num_joints: J.
      input_size_hw: (H, W) px, both known, since the dense layers depend on them.
      width: factor of the channel counts.
      name: name of the model.

    Returns:
      Model of {"frames": float32 [B, H, W, 3], RGB 0..255} to {"joints": float32 [B, J, 2], (x, y) in input px}. Before
      training each joint is in the middle of the frame.
    """
    frames = keras.Input((*input_size_hw, 3), name="frames")
    x = build_trunk(frames, width).features
    # Go down to a small map.
    channels = blocks.scale_channels(head.channels, width)
    for stride in (8, 16, 32):
        x = blocks.conv_bn_relu(x, channels, 3, f"coordinates_conv{stride}")
        x = keras.layers.MaxPooling2D(2, name=f"coordinates_pool{stride}")(x)
    # Regress positions from the whole map.
    x = keras.layers.Flatten(name="coordinates_flat")(x)
    units = blocks.scale_channels(head.units, width)
    x = keras.layers.Dense(units, activation="relu", kernel_initializer="he_normal", name="coordinates_dense")(x)
    x = keras.layers.Dense(2 * num_joints, kernel_initializer="zeros", dtype="float32", name="coordinates")(x)
    x = keras.layers.Reshape((num_joints, 2), dtype="float32", name="coordinates_xy")(x)
    return keras.Model(frames, {"joints": ToPixels(input_size_hw, name="joints")(x)}, name=name)
