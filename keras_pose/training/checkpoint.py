"""Everything that an exact resume needs, in one file: weights, optimiser, and what the callbacks remember.

The data order needs no state: it is a function of the seed and the step (see `data.pipeline`). A checkpoint is a NumPy
archive that is renamed into place when it is complete, so the process can be killed at any moment.
"""

from __future__ import annotations

import json
import os
from typing import Any

import keras

from keras_pose import files
from keras_pose.runs import checkpoint_files

_KEPT = 2


def save(folder: str, step: int, model: keras.Model, memory: dict[str, Any]) -> None:
    """Writes `step-<step>.npz` and removes all but the newest two.

    Args:
      folder: folder of the checkpoints.
      step: number of steps trained.
      model: compiled model whose optimiser is built.
      memory: dictionary for JSON, what the callbacks remember.
    """
    arrays = {f"weight_{i}": value for i, value in enumerate(model.get_weights())}
    arrays.update({f"optimizer_{i}": v.numpy() for i, v in enumerate(_optimizer_variables(model))})
    arrays = {"step": step, "memory": json.dumps(memory), **arrays}
    files.write_arrays(checkpoint_files.path_of(folder, step), arrays)
    checkpoint_files.remove_older(folder, _KEPT)


def restore(folder: str, model: keras.Model) -> tuple[int, dict[str, Any] | None]:
    """Sets a model and its optimiser to the newest checkpoint.

    Args:
      folder: folder of the checkpoints; it may not exist yet.
      model: compiled model whose optimiser is built.

    Returns:
      (step, memory) of the checkpoint; (0, None) if there is none.

    Raises:
      ValueError: if the checkpoint belongs to another model or is damaged; nothing is changed then.
    """
    paths = checkpoint_files.newest_first(folder)
    if not paths:
        return 0, None
    # Read the arrays and compare their shapes.
    arrays = _read(paths)
    weights = [arrays[f"weight_{i}"] for i in range(sum(name.startswith("weight_") for name in arrays))]
    states = [arrays[f"optimizer_{i}"] for i in range(sum(name.startswith("optimizer_") for name in arrays))]
    variables = _optimizer_variables(model)
    expected = [tuple(v.shape) for v in [*model.weights, *variables]]
    received = [value.shape for value in [*weights, *states]]
    if expected != received:
        raise ValueError(
            f"{paths[0]}: expected the {len(expected)} arrays of this model and its optimiser, received "
            f"{len(received)} of other shapes; was it written with the other version of TensorFlow? Resume it "
            "there, or start a new run."
        )
    # Set the model and its optimiser.
    model.set_weights(weights)
    for variable, value in zip(variables, states):
        variable.assign(value)
    return int(arrays["step"]), json.loads(str(arrays["memory"]))


def restore_weights(folder: str, model: keras.Model) -> None:
    """Sets the weights of a model, compiled or not, to those of the newest checkpoint if there is one that fits.

    What may learn depends on the weights (`folded_norms`), and the optimiser on what may learn: `restore` comes later.
    """
    paths = checkpoint_files.newest_first(folder)
    if not paths:
        return
    arrays = _read(paths)
    weights = [arrays[f"weight_{i}"] for i in range(sum(name.startswith("weight_") for name in arrays))]
    if [value.shape for value in weights] == [tuple(v.shape) for v in model.weights]:
        model.set_weights(weights)


def _read(paths):
    try:
        return files.read_arrays(paths[0])
    except (OSError, ValueError) as error:
        older = f"to resume from {os.path.basename(paths[1])}" if paths[1:] else "to start again"
        raise ValueError(
            f"{paths[0]}: the checkpoint is damaged ({error.__cause__ or error}); remove it {older}"
        ) from error


def _optimizer_variables(model):
    optimizer = model.optimizer
    variables = list(optimizer.variables() if callable(optimizer.variables) else optimizer.variables)
    if hasattr(optimizer, "dynamic_counter") and hasattr(optimizer, "_loss_scale"):
        # Keras 2 leaves the state of 16-bit loss scaling out of `variables`, and has no public name for the scale.
        variables += [optimizer.dynamic_counter, optimizer._loss_scale.current_loss_scale]
    return variables
