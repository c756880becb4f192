"""Starts a run from the best weights of another run, which must be of the same net and the same joints.

A flowing net can also take the weights of its single-frame net from a run of that net alone.
"""

from __future__ import annotations

import h5py
import keras
import numpy as np

from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton
from keras_pose.training.preparation import check_start


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
    place = f"--init_from={start}"
    run = run_directory.RunDirectory(start)
    # The net for single frames inside a flowing net takes the weights of a heatmap net.
    part = PoseNet(model).frame_net().model if check_start(start, config, run_skeleton) else model
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
