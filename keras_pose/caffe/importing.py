"""Makes a run of published Caffe weights, for all that takes a run: predict, evaluate, export, `--init_from`."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable

import keras
import numpy as np

from keras_pose import console, files
from keras_pose.caffe import net_files, published_net
from keras_pose.caffe.config import AUTO, ImportCaffeConfig
from keras_pose.caffe.net_files import CaffeNet
from keras_pose.data.selection import DataSplit
from keras_pose.data.synthetic.signers import open_signers
from keras_pose.models import factory
from keras_pose.runs import run_directory, weights_file
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import UPPER_BODY, Skeleton, infer_flip_pairs

PRESET = "paper_caffe"
_FULL_WIDTH = 128  # channels of conv1
_NEAR = 0.25  # an offset that is measured is 0 or 1 to this
_FRAMES = 3


def import_caffe(config: ImportCaffeConfig, echo: Callable[[str], None] = console.show) -> str:
    """Reads Caffe's files and writes a run.

    Args:
      config: the files, and the folder of the run.
      echo: function that shows a line of text.

    Returns:
      The folder of the run.

    Raises:
      ValueError: for files that are not the published net, or contradict each other; the message names file and layer.
      OSError: if the run cannot be written.
    """
    net = net_files.read_weights(config.weights)
    fusion = published_net.has_fusion(net)
    published_net.check_order(net, fusion)
    described = [net]
    if config.description:
        description = net_files.read_description(config.description)
        published_net.check_order(description, fusion)
        _check_outputs(description, net)
        described.append(description)
    skeleton = _make_skeleton(config.joints, published_net.count_outputs(net, published_net.TRUNK_HEAD), net.path)
    settings = _make_settings(config, described[-1], net, fusion)
    run = run_directory.prepare(settings)
    if os.path.exists(run.weights):
        raise ValueError(f"--run_dir: expected a new folder, received {run.path}, which holds a run")
    model = build(net, settings, skeleton)
    offset = _find_offset(model, config.offset, settings, echo)
    _lower_heads(model, offset)
    with run_directory.lock(run):
        run_directory.begin(run, settings, skeleton, DataSplit([], [], []))
        with files.replace_atomically(run.weights) as temporary:
            model.save_weights(temporary, overwrite=True)
            weights_file.seal(temporary)
    if any(map(published_net.has_relu_on_head, described)):
        echo(f"the ReLU after {published_net.TRUNK_HEAD} is left out: the maps of the first head may be negative")
    echo(f"{model.count_params():,} weights of {net.name or net.path} in {run.path}: {', '.join(skeleton.joints)}")
    return run.path


def build(net: CaffeNet, settings: TrainConfig, skeleton: Skeleton) -> keras.Model:
    """Builds the net of a run with the weights of the published net.

    Raises:
      ValueError: if a layer has other shapes; the message names it.
    """
    model = factory.build_net(settings.model, settings.window, skeleton.num_joints)
    names = published_net.layers_here(settings.model.fusion).values()
    shapes = {name: tuple(model.get_layer(name).get_weights()[0].shape) for name in names}
    for name, weights in published_net.convert(net, shapes, settings.model.fusion).items():
        model.get_layer(name).set_weights(weights)
    return model


def _make_settings(config, described, net, fusion):
    channels = published_net.count_outputs(net, "conv1")
    size_hw = described.input_size_hw or (256, 256)
    size = config.input_size if config.input_size != AUTO else f"{size_hw[0]},{size_hw[1]}"
    return TrainConfig.from_flags(
        run_dir=config.run_dir, preset=PRESET, width=channels / _FULL_WIDTH, fusion=fusion, input_size=size
    )


def _make_skeleton(text, count, path):
    names = tuple(name.strip() for name in text.split(",")) if text else UPPER_BODY.joints
    if len(names) != count:
        raise ValueError(
            f"--joints: expected {count} names, one for each map of {path}, received {len(names)}: {', '.join(names)}"
        )
    if names == UPPER_BODY.joints:
        return UPPER_BODY
    skeleton = Skeleton("caffe", names)
    return dataclasses.replace(skeleton, flip_pairs=infer_flip_pairs(names))


def _check_outputs(description, net):
    for layer in description.layers:
        stated = layer.window.outputs if layer.window else 0
        found = published_net.count_outputs(net, layer.name) if stated else 0
        if stated != found:
            raise ValueError(
                f"{description.path}: layer {layer.name}: it has {stated} outputs, its weights in {net.path} {found}"
            )


def _find_offset(model, text, settings, echo):
    if text != AUTO:
        return float(text)
    size_hw = settings.model.input_size_hw
    clips = open_signers("train", _FRAMES, 1, size_hw, 1).clips
    frames = np.stack([clip.frames.read([0])[0] for clip in clips]).astype(np.float32)
    # Most of a map is far from its joint.
    found = float(np.median(model.predict(frames, batch_size=1, verbose=0)["heatmaps"]))
    for offset in (0.0, 1.0):
        if abs(found - offset) <= _NEAR:
            echo(f"height of the maps far from joints: {found:.2f}, taken for {offset:g} (--offset states another one)")
            return offset
    raise ValueError(
        f"--offset: expected maps whose height far from joints is about 0 or 1, measured {found:.3g} on drawn frames; "
        "state it with --offset, or check that these are trained weights"
    )


def _lower_heads(model, offset):
    for name in {"heatmaps", "trunk_heatmaps"} & {layer.name for layer in model.layers}:
        kernel, bias = model.get_layer(name).get_weights()
        model.get_layer(name).set_weights([kernel, bias - np.float32(offset)])
