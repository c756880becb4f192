"""The heatmap net: a trunk, a first head, and with fusion a second one after the spatial fusion layers."""

from __future__ import annotations

import keras

from keras_pose.models import blocks


def build_heatmap_net(
    build_trunk, build_fusion, num_joints, input_size_hw=(None, None), width=1.0, name="heatmap_net"
) -> keras.Model:
    """Builds the fully convolutional net, one Gaussian map per joint.

    Args:
      build_trunk: function (frames, width) -> Trunk.
      build_fusion: function (trunk, width) -> features, or None for a net without fusion.
      num_joints: J.
      input_size_hw: (H, W) px; None where unknown.
      width: factor of the channel counts.
      name: name of the model.

    Returns:
      Model of {"frames": float32 [B, H, W, 3], RGB 0..255} to {"heatmaps": float32 [B, h, w, J], peak 1}, and with
      fusion "trunk_heatmaps" beside it: the first head's maps, for intermediate supervision. All maps are zero before
      training.
    """
    frames = keras.Input((*input_size_hw, 3), name="frames")
    trunk = build_trunk(frames, width)
    if build_fusion is None:
        outputs = {"heatmaps": blocks.heatmap_head(trunk.features, num_joints, "heatmaps")}
    else:
        outputs = {
            "heatmaps": blocks.heatmap_head(build_fusion(trunk, width), num_joints, "heatmaps"),
            "trunk_heatmaps": blocks.heatmap_head(trunk.features, num_joints, "trunk_heatmaps"),
        }
    return keras.Model(frames, outputs, name=name)
