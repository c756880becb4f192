"""The heatmap net: a trunk, a first head, and with fusion a second one after the spatial fusion layers."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

from keras_pose.geometry import HEATMAP_STRIDE
from keras_pose.models import blocks
from keras_pose.models.pose_net import FRAME_NET
from keras_pose.models.stacked_channels import StackedChannels

BuildTrunk = Callable[[tf.Tensor, float], blocks.Trunk]
BuildFusion = Callable[[blocks.Trunk, float], tf.Tensor]


def build_heatmap_net(
    build_trunk: BuildTrunk,
    build_fusion: BuildFusion | None,
    num_joints: int,
    input_size_hw: tuple[int | None, int | None] = (None, None),
    width: float = 1.0,
    name: str = FRAME_NET,
) -> keras.Model:
    """Builds the fully convolutional net, one Gaussian map per joint.

    Args:
      build_trunk: function (frames, width) -> Trunk.
      build_fusion: function (trunk, width) -> features, or None for a net without fusion.
      num_joints: J.
      input_size_hw: (H, W) px; None if unknown.
      width: factor of the channel counts.
      name: name of the model.

    Returns:
      Model of {"frames": float32 [B, H, W, 3], RGB 0..255} to {"heatmaps": float32 [B, h, w, J], peak 1}, and with
      fusion also "trunk_heatmaps": the first head's maps, for intermediate supervision. All maps are zero before
      training.
    """
    frames = keras.Input((*input_size_hw, 3), name="frames")
    return keras.Model(frames, predict_heatmaps(frames, build_trunk, build_fusion, num_joints, width), name=name)


def build_flow_input_net(
    build_trunk: BuildTrunk,
    build_fusion: BuildFusion | None,
    num_joints: int,
    num_frames: int,
    input_size_hw: tuple[int | None, int | None] = (None, None),
    width: float = 1.0,
    name: str = "flow_input_net",
) -> keras.Model:
    """Builds a heatmap net that sees neighbouring frames and flow as further channels of its input.

    It is the baseline for warping heatmaps (the paper reports that it is weaker).

    Args:
      build_trunk, build_fusion, num_joints, input_size_hw, width, name: see `build_heatmap_net`.
      num_frames: T, odd; the current frame is in the middle.

    Returns:
      Model of {"frames": float32 [B, T, H, W, 3], "flows": float32 [B, T, H/4, W/4, 2]} to the outputs
      of `build_heatmap_net`.
    """
    frames = keras.Input((num_frames, *input_size_hw, 3), name="frames")
    flows = keras.Input((num_frames, *(side and side // HEATMAP_STRIDE for side in input_size_hw), 2), name="flows")
    stacked = StackedChannels(stride=HEATMAP_STRIDE, name="stacked_channels")([frames, flows])
    outputs = predict_heatmaps(stacked, build_trunk, build_fusion, num_joints, width)
    return keras.Model({"frames": frames, "flows": flows}, outputs, name=name)


def predict_heatmaps(
    image: tf.Tensor, build_trunk: BuildTrunk, build_fusion: BuildFusion | None, num_joints: int, width: float
) -> dict[str, tf.Tensor]:
    """Applies trunk, fusion and heads: float32 [B, H, W, C] to the outputs of `build_heatmap_net`."""
    trunk = build_trunk(image, width)
    if build_fusion is None:
        return {"heatmaps": blocks.heatmap_head(trunk.features, num_joints, "heatmaps")}
    return {
        "heatmaps": blocks.heatmap_head(build_fusion(trunk, width), num_joints, "heatmaps"),
        "trunk_heatmaps": blocks.heatmap_head(trunk.features, num_joints, "trunk_heatmaps"),
    }
