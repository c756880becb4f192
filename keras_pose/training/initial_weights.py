"""Starts a run from the best weights of another one, the same net for the same joints or not at all.

A flowing net may also take the weights of its single-frame net from a run of that net alone.
"""

from __future__ import annotations

import h5py
import numpy as np

from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import run_directory

# The flags that decide which weights a net has; dense layers also depend on the input's size.
_HEATMAP = ("model", "preset", "width", "fusion")
_NET = {
    "heatmap": _HEATMAP,
    "coordinate": ("model", "preset", "width", "input_size_hw"),
    "flow_input": (*_HEATMAP, "window"),
    "flowing": (*_HEATMAP, "window", "pooling"),
}


def load(model, start, config, run_skeleton):
    """Loads the best weights of another run.

    Keras keys the arrays of a file by kind and place of their layers, and may put those of another net where they fit
    by chance: so both the flags of the other run and the number of arrays are compared first.

    Args:
      model: `keras.Model` of this run.
      start: folder of the other run, as `--init_from`.
      config: `TrainConfig` of this run.
      run_skeleton: `Skeleton` of this run.

    Raises:
      ValueError: where that folder is no trained run, or one of other joints or of another net; the message names the
        flags that differ. The model is unchanged then.
    """
    place = f"--init_from={start}"
    run, other, other_skeleton = run_directory.open_run(start)
    if other_skeleton.joints != run_skeleton.joints:
        joints, others = ", ".join(run_skeleton.joints), ", ".join(other_skeleton.joints)
        raise ValueError(f"{place}: expected the joints {joints}, received {others}")
    part, names = model, _NET[config.model]
    if config.model == "flowing" and other.model == "heatmap":
        part, names = PoseNet(model).frame_net().model, _HEATMAP[1:]
    differences = [
        f"--{name.replace('_hw', '')}={getattr(other, name)} there, {getattr(config, name)} here"
        for name in names
        if getattr(other, name) != getattr(config, name)
    ]
    if differences:
        raise ValueError(f"{place}: expected a run of the same net, received {'; '.join(differences)}")
    expected, received = len(_floating(part.weights)), _count_arrays(run.weights)
    if expected != received:
        raise ValueError(f"{place}: expected {expected} arrays for this net, {run.weights} holds {received}")
    before = model.get_weights()
    try:
        part.load_weights(run.weights)
    except (ValueError, KeyError) as error:
        model.set_weights(before)
        raise ValueError(f"{place}: the weights there do not fit this net: {error}") from error


def _floating(variables):
    return [v for v in variables if np.issubdtype(np.dtype(str(v.numpy().dtype)), np.floating)]


def _count_arrays(path):
    """The number of arrays of the layers; whole numbers are states of random generators."""
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
