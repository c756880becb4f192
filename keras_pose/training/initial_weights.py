"""Starts a run from the weights of another run of the same net, also if that has other joints.

If the joints differ, everything but the heads is kept, and of the heads of a heatmap net the maps of the joints that
both have, found by name. A flowing net can also take the weights of its single-frame net from a run of that net alone.
"""

from __future__ import annotations

from collections.abc import Callable

import h5py
import keras
import numpy as np

from keras_pose import console, hdf5_file
from keras_pose.models import factory
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import run_directory, weights_file
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton
from keras_pose.training.preparation import check_start


def load(
    model: keras.Model,
    start: str,
    config: TrainConfig,
    run_skeleton: Skeleton,
    echo: Callable[[str], None] = console.show,
) -> None:
    """Loads the weights of another run.

    Keras finds the arrays of a file by kind and place of their layers, so arrays of another net may fit by chance.
    Therefore both the flags of the other run and the number of arrays are compared first.

    Args:
      model: the model of this run.
      start: folder of the other run, or the name of a shipped net, as `--init_from`.
      config: the configuration of this run.
      run_skeleton: the skeleton of this run.
      echo: function that shows a line of text: what was kept if the joints differ.

    Raises:
      ValueError: if that folder is no trained run, or a run of another net; the message names the flags that differ.
        The model is unchanged then.
    """
    # The net for single frames inside a flowing net takes the weights of a heatmap net.
    inner = check_start(start, config, run_skeleton)
    part = PoseNet(model).frame_net().model if inner else model
    run, other, other_skeleton = run_directory.open_run(start)
    if other_skeleton.joints == run_skeleton.joints:
        _load_file(part, run.weights, start)
        return
    # The net of this run's flags with the joints of the other run takes its weights; its layers are then copied.
    flags = config.of_frame_net() if inner else config
    source = factory.build_net(flags.model, flags.window, other_skeleton.num_joints)
    _load_file(source, run.weights, start)
    kept = _copy_layers(source, part, other_skeleton, run_skeleton)
    heads = f"the maps of {', '.join(kept)} too" if kept else "the heads start new"
    echo(f"--init_from={start} has other joints: everything but the heads is kept, {heads}")


def _load_file(model, file, start):
    """Loads a weights file, or leaves the model as it was."""
    place = f"--init_from={start}"
    weights_file.check(file)
    # Compare the number of arrays.
    expected = len(_floating(model.weights))
    received = _count_arrays(file)
    if expected != received:
        raise ValueError(f"{place}: expected {expected} arrays for this net, {file} holds {received}")
    before = model.get_weights()
    try:
        weights_file.load(model, file)
    except (ValueError, KeyError) as error:
        model.set_weights(before)
        raise ValueError(f"{place}: the weights there do not fit this net: {error}") from error


def _copy_layers(source, target, source_skeleton, skeleton):
    """Copies all layers that fit; returns the joints whose maps were copied too."""
    kept: list[str] = []
    heads = set(PoseNet(target).output_names())
    shared = [name for name in skeleton.joints if name in source_skeleton.joints]
    for layer in target.layers:
        theirs = source.get_layer(layer.name).get_weights()
        arrays = layer.get_weights()
        if all(a.shape == b.shape for a, b in zip(arrays, theirs)) and layer.name not in heads:
            layer.set_weights(theirs)
        elif layer.name in heads and PoseNet(target).predicts_heatmaps():
            for array, their in zip(arrays, theirs):
                for name in shared:
                    array[..., skeleton.index(name)] = their[..., source_skeleton.index(name)]
            layer.set_weights(arrays)
            kept = shared
    return kept


def _floating(variables):
    return [v for v in variables if np.issubdtype(np.dtype(str(v.numpy().dtype)), np.floating)]


def _count_arrays(path):
    """Returns the number of arrays of the layers; integers are states of random generators and do not count."""
    arrays = []

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and not name.startswith("optimizer") and item.dtype.kind == "f":
            arrays.append(name)

    try:
        with hdf5_file.open_whole(path) as file:
            file.visititems(visit)
    except OSError as error:
        raise ValueError(f"{path}: expected weights of Keras, but {error}") from error
    return len(arrays)
