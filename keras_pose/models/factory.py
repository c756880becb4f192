"""Builds a net by the names that the flags know."""

from __future__ import annotations

import collections
import dataclasses
import functools

import keras

from keras_pose.models import backbones, coordinate_net, flowing_net, fusion, heatmap_net, lite, paper

KINDS = ("heatmap", "coordinate")  # nets of single frames
# What turns the flags of a flowing net into those of the single-frame net inside it.
SINGLE_FRAME = {"model": "heatmap", "net_steps": 0, "pooling_steps": 0}
Preset = collections.namedtuple("Preset", ["build_trunk", "build_fusion", "dense_head", "size_multiple", "pretrained"])
PRESETS = {
    "paper": Preset(
        paper.build_trunk, fusion.build_paper, coordinate_net.DenseHead(64, 1024), paper.SIZE_MULTIPLE, False
    ),
    "lite": Preset(lite.build_trunk, fusion.build_light, coordinate_net.DenseHead(32, 256), lite.SIZE_MULTIPLE, False),
    **{
        name: Preset(
            functools.partial(backbones.build_trunk, backbone=name),
            fusion.build_light,
            coordinate_net.DenseHead(64, 512),
            backbones.SIZE_MULTIPLE,
            True,
        )
        for name in backbones.BACKBONES
    },
}


def build_model(
    kind,
    preset,
    num_joints,
    input_size_hw=(256, 256),
    width=1.0,
    fusion=True,
    backbone_weights="none",
) -> keras.Model:
    """Builds a heatmap net or a coordinate net, freshly initialised (seed it by `keras.utils.set_random_seed`).

    Args:
      kind: "heatmap" or "coordinate" (flag --model).
      preset: a key of PRESETS (flag --preset).
      num_joints: J, at least 1.
      input_size_hw: (H, W) px (flag --input_size); heatmap nets accept (None, None). Multiples of the preset's
        `size_multiple`.
      width: factor of the channel counts (flag --width). The pretrained encoders have channel counts of their own: for
        them it scales the decoder and what follows.
      fusion: whether a heatmap net has the spatial fusion layers and a second head (flag --fusion).
      backbone_weights: "none", "imagenet", or the path of a weights file (flag --backbone_weights).

    Returns:
      Model of {"frames": float32 [B, H, W, 3], RGB 0..255} to {"heatmaps": float32 [B, H/4, W/4, J]} (with fusion also
      "trunk_heatmaps"), or to {"joints": float32 [B, J, 2]} in input px.

    Raises:
      ValueError: for an unknown kind or preset, a size or a width that does not fit; the message names the flag.
      OSError: where backbone weights cannot be had.
    """
    _check(kind, preset, num_joints, input_size_hw, width, backbone_weights)
    chosen = PRESETS[preset]
    build_trunk = chosen.build_trunk
    if chosen.pretrained:
        build_trunk = functools.partial(build_trunk, weights=backbone_weights)
    if kind == "coordinate":
        return coordinate_net.build_coordinate_net(build_trunk, chosen.dense_head, num_joints, input_size_hw, width)
    build_fusion = chosen.build_fusion if fusion else None
    return heatmap_net.build_heatmap_net(build_trunk, build_fusion, num_joints, input_size_hw, width)


def build_from_config(config, num_joints, backbone_weights="none", warp_kernel="gather") -> keras.Model:
    """Builds the net that the flags of a run ask for.

    Args:
      config: `config.TrainConfig`.
      num_joints: J.
      backbone_weights: see `build_model`; a net whose weights are loaded next needs none.
      warp_kernel: of `FlowWarp`, where the net has one.
    """
    if config.model == "flow_input":
        return _build_flow_input(config, num_joints, backbone_weights)
    if config.model == "flowing":
        net = build_from_config(dataclasses.replace(config, **SINGLE_FRAME), num_joints, backbone_weights)
        return flowing_net.build_flowing_net(
            net,
            len(config.offsets),
            config.input_size_hw,
            config.pooling,
            flow_in_graph=config.flow == "in_graph",
            kernel=warp_kernel,
        )
    return build_model(
        config.model,
        config.preset,
        num_joints,
        input_size_hw=config.input_size_hw,
        width=config.width,
        fusion=config.fusion,
        backbone_weights=backbone_weights,
    )


def _build_flow_input(config, num_joints, backbone_weights):
    _check("heatmap", config.preset, num_joints, config.input_size_hw, config.width, backbone_weights)
    chosen = PRESETS[config.preset]
    if chosen.pretrained:
        raise ValueError(f"--preset: expected lite or paper with --model=flow_input, received {config.preset}")
    return heatmap_net.build_flow_input_net(
        chosen.build_trunk,
        chosen.build_fusion if config.fusion else None,
        num_joints,
        len(config.offsets),
        config.input_size_hw,
        config.width,
    )


def _check(kind, preset, num_joints, input_size_hw, width, backbone_weights):
    if kind not in KINDS:
        raise ValueError(f"--model: expected one of {', '.join(KINDS)}, received {kind!r}")
    if preset not in PRESETS:
        raise ValueError(f"--preset: expected one of {', '.join(PRESETS)}, received {preset!r}")
    if num_joints < 1:
        raise ValueError(f"num_joints: expected at least 1, received {num_joints}")
    if not 0 < width <= 8:
        raise ValueError(f"--width: expected a factor above 0 and at most 8, received {width}")
    multiple = coordinate_net.HEAD_STRIDE if kind == "coordinate" else PRESETS[preset].size_multiple
    if len(input_size_hw) != 2:
        raise ValueError(f"--input_size: expected (height, width), received {input_size_hw}")
    for side in input_size_hw:
        if side is None and kind == "coordinate":
            raise ValueError("--input_size: a coordinate net needs a known size, received (None, None)")
        if side is not None and (side < multiple or side % multiple):
            raise ValueError(
                f"--input_size: {kind} net, preset {preset}: expected multiples of {multiple}, received {input_size_hw}"
            )
    if backbone_weights != "none" and not PRESETS[preset].pretrained:
        raise ValueError(
            f"--backbone_weights: preset {preset} has no backbone, expected none, received {backbone_weights!r}"
        )
