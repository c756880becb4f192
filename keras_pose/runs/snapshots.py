"""Copies of the weights from early to late in training, in 16 bits, to show how a net learns. Loads no TensorFlow.

A snapshot is `snapshots/step-<step>.npz` in the folder of a run: the arrays `weight_0`, `weight_1`, … of Keras'
`get_weights`. Checkpoints hold arrays of these names too, so runs without snapshots still have their last steps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from keras_pose import files
from keras_pose.runs import checkpoint_files
from keras_pose.runs.run_directory import RunDirectory


def plan_steps(count: int, steps: int) -> tuple[int, ...]:
    """Returns the steps after which to keep the weights: their logarithms are evenly spaced, the last is the last.

    A net changes most at the start, so the first steps lie close together. The first is about 1/100 of the training.

    Args:
      count: number of snapshots; 0: none. There are fewer if the training has fewer steps.
      steps: steps of the training.
    """
    if count < 1:
        return ()
    first = max(1, round(steps / 100))
    planned = np.geomspace(first, steps, count) if count > 1 else np.array([steps])
    return tuple(sorted({int(round(step)) for step in planned}))


def write(run: RunDirectory, step: int, weights: Sequence[np.ndarray]) -> None:
    """Writes a snapshot, whole or not at all.

    Args:
      run: folder of the run.
      step: number of steps trained.
      weights: what `get_weights` of the model returns.

    Raises:
      OSError: if the file cannot be written.
    """
    arrays = {f"weight_{i}": _shorten(value) for i, value in enumerate(weights)}
    files.write_arrays(checkpoint_files.path_of(run.snapshots, step), arrays)


def find(run: RunDirectory) -> dict[int, str]:
    """Returns {step: file} of all weights that a run has kept, snapshots and checkpoints, in the order of the steps."""
    paths = [*checkpoint_files.newest_first(run.checkpoints), *checkpoint_files.newest_first(run.snapshots)]
    return dict(sorted((checkpoint_files.step_of(path), path) for path in paths))


def read(path: str) -> list[np.ndarray]:
    """Returns the weights in a snapshot or a checkpoint, float32, as `set_weights` takes them.

    Raises:
      ValueError: if the file cannot be read; the message names it.
    """
    arrays = files.read_arrays(path, "weights of a run")
    names = [name for name in arrays if name.startswith("weight_")]
    weights = [arrays[f"weight_{i}"] for i in range(len(names))]
    return [w.astype(np.float32) if w.dtype == np.float16 else w for w in weights]


def _shorten(value):
    value = np.asarray(value)
    if value.dtype != np.float32 or (value.size and np.abs(value).max() > np.finfo(np.float16).max):
        return value
    return value.astype(np.float16)
