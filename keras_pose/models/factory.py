"""Builds a net from the names that the flags take."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple, cast

import keras

from keras_pose.models import backbones, coordinate_net, flowing_net, fusion, heatmap_net, kinds, lite, paper, presets
from keras_pose.models.config import ModelConfig
from keras_pose.pooling.config import AUTO, WindowConfig
from keras_pose.pooling.names import POOLINGS

# Nets for single frames.
SINGLE_FRAME_KINDS = tuple(kind.name for kind in kinds.KINDS.values() if not kind.sees_window)


class Preset(NamedTuple):
    """What a preset builds.

    Args:
      build_trunk: function (frames, width) -> Trunk; with `pretrained` also of weights.
      build_fusion: function (trunk, width) -> features.
      dense_head: head of a coordinate net.
      size_multiple: the sides of the input must be multiples of this, in px.
      pretrained: whether the trunk is a backbone that has pretrained weights.
    """

    build_trunk: Callable
    build_fusion: Callable
    dense_head: coordinate_net.DenseHead
    size_multiple: int
    pretrained: bool


PRESETS = {
    "paper": Preset(
        paper.build_trunk, fusion.build_paper, coordinate_net.DenseHead(64, 1024), paper.SIZE_MULTIPLE, False
    ),
    "paper_caffe": Preset(
        functools.partial(paper.build_trunk, black_border=True),
        fusion.build_paper,
        coordinate_net.DenseHead(64, 1024),
        paper.SIZE_MULTIPLE,
        False,
    ),
    "lite": Preset(lite.build_trunk, fusion.build_light, coordinate_net.DenseHead(32, 256), lite.SIZE_MULTIPLE, False),
    presets.MOVENET: Preset(
        backbones.build_folded_mobilenet,
        fusion.build_light,
        coordinate_net.DenseHead(64, 512),
        backbones.SIZE_MULTIPLE,
        True,
    ),
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
    kind: str,
    preset: str,
    num_joints: int,
    input_size_hw: tuple[int | None, int | None] = (256, 256),
    width: float = 1.0,
    fusion: bool = True,
    backbone_weights: str = "none",
) -> keras.Model:
    """Builds a heatmap net or a coordinate net with new weights (`keras.utils.set_random_seed` seeds them).

    Args:
      kind: "heatmap" or "coordinate" (flag --model).
      preset: a key of PRESETS (flag --preset).
      num_joints: J, at least 1.
      input_size_hw: (H, W) px (flag --input_size); heatmap nets accept (None, None). Multiples of the preset's
        `size_multiple`.
      width: factor of the numbers of channels (flag --width). Backbones have fixed numbers of channels: for them it
        scales only the decoder and what follows.
      fusion: whether a heatmap net has the spatial fusion layers and a second head (flag --fusion).
      backbone_weights: "none", "imagenet", or the path of a weights file (flag --backbone_weights).

    Returns:
      Model of {"frames": float32 [B, H, W, 3], RGB 0..255} to {"heatmaps": float32 [B, H/4, W/4, J]} (with fusion also
      "trunk_heatmaps"), or to {"joints": float32 [B, J, 2]} in input px.

    Raises:
      ValueError: for an unknown kind or preset, or an invalid size or width; the message names the flag.
      OSError: if backbone weights cannot be loaded.
    """
    _check(kind, preset, num_joints, input_size_hw, width, backbone_weights)
    chosen = PRESETS[preset]
    build_trunk = chosen.build_trunk
    if chosen.pretrained:
        build_trunk = functools.partial(build_trunk, weights=backbone_weights)
    if not kinds.KINDS[kind].predicts_heatmaps:
        size_hw = cast("tuple[int, int]", input_size_hw)  # `_check` refuses unknown sides here
        return coordinate_net.build_coordinate_net(build_trunk, chosen.dense_head, num_joints, size_hw, width)
    build_fusion = chosen.build_fusion if fusion else None
    return heatmap_net.build_heatmap_net(build_trunk, build_fusion, num_joints, input_size_hw, width)


def build_net(
    model: ModelConfig,
    window: WindowConfig,
    num_joints: int,
    backbone_weights: str = "none",
    warp_kernel: str = "gather",
    sigma_px: float = 1.5,
) -> keras.Model:
    """Builds the net that the flags of a run ask for.

    Args:
      model: the net.
      window: the frames that it sees; ignored for nets for single frames.
      num_joints: J.
      backbone_weights: see `build_model`; "none" if other weights are loaded afterwards.
      warp_kernel: kernel of `FlowWarp`, if the net has one.
      sigma_px: width of a joint's Gaussian in heatmap px (`LossConfig.sigma_px`); some poolings make such maps.

    Raises:
      ValueError, OSError: see `build_model`.
    """
    if model.kind.pools and window.pooling == AUTO:
        raise ValueError(
            f"--pooling: expected one of {', '.join(POOLINGS)} to build a net, received {AUTO}, which is chosen while "
            "a run trains"
        )
    if model.kind.pools:
        return flowing_net.build_flowing_net(
            _build_single(kinds.HEATMAP.name, model, num_joints, backbone_weights),
            len(window.offsets),
            model.input_size_hw,
            window.pooling,
            flow_in_graph=window.flow_in_graph,
            kernel=warp_kernel,
            sigma_px=sigma_px,
        )
    if model.kind.sees_window:
        return _build_flow_input(model, len(window.offsets), num_joints, backbone_weights)
    return _build_single(model.kind.name, model, num_joints, backbone_weights)


def _build_single(kind, model, num_joints, backbone_weights):
    return build_model(
        kind,
        model.preset,
        num_joints,
        input_size_hw=model.input_size_hw,
        width=model.width,
        fusion=model.fusion,
        backbone_weights=backbone_weights,
    )


def _build_flow_input(model, num_frames, num_joints, backbone_weights):
    _check(kinds.HEATMAP.name, model.preset, num_joints, model.input_size_hw, model.width, backbone_weights)
    chosen = PRESETS[model.preset]
    if chosen.pretrained:
        plain = " or ".join(name for name in presets.PRESETS if not PRESETS[name].pretrained)
        raise ValueError(f"--preset: expected {plain} with --model={model.kind.name}, received {model.preset}")
    return heatmap_net.build_flow_input_net(
        chosen.build_trunk,
        chosen.build_fusion if model.fusion else None,
        num_joints,
        num_frames,
        model.input_size_hw,
        model.width,
    )


def _check(kind, preset, num_joints, input_size_hw, width, backbone_weights):
    if kind not in SINGLE_FRAME_KINDS:
        raise ValueError(f"--model: expected one of {', '.join(SINGLE_FRAME_KINDS)}, received {kind!r}")
    if preset not in PRESETS:
        raise ValueError(f"--preset: expected one of {', '.join(PRESETS)}, received {preset!r}")
    if num_joints < 1:
        raise ValueError(f"num_joints: expected at least 1, received {num_joints}")
    if not 0 < width <= 8:
        raise ValueError(f"--width: expected a factor above 0 and at most 8, received {width}")
    multiple = PRESETS[preset].size_multiple if kinds.KINDS[kind].predicts_heatmaps else coordinate_net.HEAD_STRIDE
    if len(input_size_hw) != 2:
        raise ValueError(f"--input_size: expected (height, width), received {input_size_hw}")
    for side in input_size_hw:
        if side is None and not kinds.KINDS[kind].predicts_heatmaps:
            raise ValueError("--input_size: a coordinate net needs a known size, received (None, None)")
        if side is not None and (side < multiple or side % multiple):
            raise ValueError(
                f"--input_size: {kind} net, preset {preset}: expected multiples of {multiple}, received {input_size_hw}"
            )
    if backbone_weights != "none" and not PRESETS[preset].pretrained:
        raise ValueError(
            f"--backbone_weights: preset {preset} has no backbone, expected none, received {backbone_weights!r}"
        )
