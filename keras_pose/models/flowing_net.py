"""The flowing net: a net for single frames on a whole window, its heatmaps warped to the middle frame and pooled.

Pfister, Charles, Zisserman, "Flowing ConvNets for Human Pose Estimation in Videos" (arXiv 1506.02897).
"""

from __future__ import annotations

import keras

from keras_pose.flow.warp import FlowWarp
from keras_pose.geometry import HEATMAP_STRIDE
from keras_pose.pooling.flow_reliability import FlowReliability
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.pooling.window_flow import WindowFlow
from keras_pose.pooling.windows import FoldFrames, MiddleFrame, UnfoldFrames


def build_flowing_net(
    net: keras.Model,
    num_frames: int,
    input_size_hw: tuple[int | None, int | None] = (None, None),
    pooling: str = "parametric",
    flow_in_graph: bool = False,
    kernel: str = "gather",
    sigma_px: float = 1.5,
) -> keras.Model:
    """Builds the flowing net around a heatmap net, which becomes one of its layers.

    Args:
      net: heatmap net for single frames, stride 4.
      num_frames: T, odd; the current frame is in the middle.
      input_size_hw: (H, W) px; None if unknown.
      pooling: one of `pooling.names.POOLINGS`.
      flow_in_graph: whether the net estimates flow itself; otherwise flow is an input.
      kernel: of `FlowWarp`: "gather", or "resampler" in training if it is installed; see `flow.warp.training_kernel`.
      sigma_px: see `TemporalPooling`.

    Returns:
      Model of {"frames": float32 [B, T, H, W, 3], RGB 0..255, "valid": float32 [B, T], 0 for a frame that the clip does
      not have, and unless the net estimates flow "flows": float32 [B, T, H/4, W/4, 2] in heatmap px} to {"heatmaps":
      float32 [B, H/4, W/4, J], pooled, "frame_heatmaps": the maps of the current frame alone, and with fusion
      "trunk_heatmaps"}.
    """
    # Run the net on each frame of the window.
    frames = keras.Input((num_frames, *input_size_hw, 3), name="frames")
    valid = keras.Input((num_frames,), name="valid")
    inputs = {"frames": frames, "valid": valid}
    maps = net(FoldFrames(name="single_frames")(frames))
    maps = {name: UnfoldFrames(num_frames, name=f"window_of_{name}")(tensor) for name, tensor in maps.items()}
    # Take or estimate the flow from the current frame to each frame of the window.
    if flow_in_graph:
        flows = WindowFlow(HEATMAP_STRIDE, name="flow")([frames, valid])
    else:
        flows = keras.Input((num_frames, *(side and side // HEATMAP_STRIDE for side in input_size_hw), 2), name="flows")
        inputs["flows"] = flows
    # Warp all maps to the current frame and pool them. Only data-dependent pooling reads the reliability; for the other
    # kinds the graph leaves it out.
    reliability = FlowReliability(HEATMAP_STRIDE, name="reliability")([frames, flows])
    warped = FlowWarp(kernel, name="warp")([maps["heatmaps"], flows])
    pooled = TemporalPooling(pooling, sigma_px, name="heatmaps")([warped, valid, reliability])
    outputs = {"heatmaps": pooled, "frame_heatmaps": MiddleFrame(name="frame_heatmaps")(maps["heatmaps"])}
    if "trunk_heatmaps" in maps:
        outputs["trunk_heatmaps"] = MiddleFrame(name="trunk_heatmaps")(maps["trunk_heatmaps"])
    return keras.Model(inputs, outputs, name="flowing_net")
