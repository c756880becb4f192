"""Starts a run from the best weights of another run, which must be of the same net and the same joints.

A flowing net can also take the weights of its single-frame net from a run of that net alone.
"""

from __future__ import annotations

import h5py
import keras
import numpy as np

from keras_pose import options
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton


def load(model: keras.Model, start: str, config: TrainConfig, run_skeleton: Skeleton) -> None:
    """Loads the best weights of another run.

    Keras finds the arrays of a file by kind and place of their layers, so arrays of another net may fit by chance.
    Therefore both the flags of the other run and the number of arrays are compared first.

    Args:
      model: the model of this run.
      start: folder of the other run, as `--init_from`.
      config: the configuration of this run.
      run_skeleton: the skeleton of this run.

    Raises:
      ValueError: if that folder is no trained run, or a run of other joints or of another net; the message names the
        flags that differ. The model is unchanged then.
    """
    # Compare joints and flags.
    place = f"--init_from={start}"
    run, other, other_skeleton = run_directory.open_run(start)
    if other_skeleton.joints != run_skeleton.joints:
        joints = ", ".join(run_skeleton.joints)
        others = ", ".join(other_skeleton.joints)
        raise ValueError(f"{place}: expected the joints {joints}, received {others}")
    part = model
    here = config
    if config.model.kind.pools and not other.model.kind.sees_window and other.model.kind.predicts_heatmaps:
        # The net for single frames inside a flowing net takes the weights of a heatmap net.
        part = PoseNet(model).frame_net().model
        here = config.of_frame_net()
    differences = _differing_flags(other, here)
    if differences:
        raise ValueError(f"{place}: expected a run of the same net, received {'; '.join(differences)}")
    # Compare the number of arrays.
    expected = len(_floating(part.weights))
    received = _count_arrays(run.weights)
    if expected != received:
        raise ValueError(f"{place}: expected {expected} arrays for this net, {run.weights} holds {received}")
    # Load them, or leave the model as it was.
    before = model.get_weights()
    try:
        part.load_weights(run.weights)
    except (ValueError, KeyError) as error:
        model.set_weights(before)
        raise ValueError(f"{place}: the weights there do not fit this net: {error}") from error


def _differing_flags(there, here):
    """Returns a line for each flag that differs among those that decide which weights a net has."""
    names = here.model.kind.weight_flags
    if "input_size" in names and there.model.input_size_hw == here.model.input_size_hw:
        names = tuple(name for name in names if name != "input_size")
    old = options.values(there)
    new = options.values(here)
    return [f"--{name}={old[name]} there, {new[name]} here" for name in names if old[name] != new[name]]


def _floating(variables):
    return [v for v in variables if np.issubdtype(np.dtype(str(v.numpy().dtype)), np.floating)]


def _count_arrays(path):
    """Returns the number of arrays of the layers; integers are states of random generators and do not count."""
    arrays = []

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and not name.startswith("optimizer") and item.dtype.kind == "f":
            arrays.append(name)

    try:
        with h5py.File(path) as file:
            file.visititems(visit)
    except OSError as error:
        raise ValueError(f"{path}: expected weights of Keras, but {error}") from error
    return len(arrays)
