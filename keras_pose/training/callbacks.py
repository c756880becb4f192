"""What happens around the steps: averaged weights, which of them are kept, checkpoints, a stop at NaN."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_pose import files
from keras_pose.runs import snapshots, weights_file
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.training import checkpoint, kept_weights
from keras_pose.training.progress import Progress, find_log, format_validation, measured_logs
from keras_pose.viz import event_files

# What HDF5 writes beside the numbers, at most.
_BYTES_PER_ARRAY = 2560
_BYTES_PER_FILE = 1 << 15


class NonFiniteLossError(ArithmeticError):
    """The loss of a training step is NaN or infinite."""


class StopAtNaN(keras.callbacks.Callback):
    """Raises `NonFiniteLossError` at the first step whose loss is not finite; the message names the step.

    Args:
      start_step: steps that are done already.
    """

    def __init__(self, start_step: int) -> None:
        super().__init__()
        self.step = start_step

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Checks the loss of a step."""
        self.step += 1
        loss = (logs or {})["loss"]
        if not math.isfinite(loss):
            raise NonFiniteLossError(
                f"the loss of step {self.step} is {loss}. Checkpoints up to the last validation are kept. Try a lower "
                "--learning_rate, --clip_norm=1, or --mixed_precision=none or bfloat16."
            )


class AveragedWeights(keras.callbacks.Callback):
    """Validates with the moving average of the weights, which the optimiser keeps, then puts the raw weights back.

    Args:
      strategy: strategy of the devices that train.
    """

    def __init__(self, strategy: tf.distribute.Strategy) -> None:
        super().__init__()
        self._strategy = strategy
        self._raw: list[np.ndarray] | None = None

    def apply(self) -> None:
        """Puts the averaged weights in place of the raw ones."""
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        if not optimizer.use_ema:
            return
        self._raw = [variable.numpy() for variable in self.model.trainable_variables]
        with self._strategy.scope():
            optimizer.finalize_variable_values(self.model.trainable_variables)

    def remove(self) -> None:
        """Puts the raw weights back."""
        if self._raw is not None:
            for variable, value in zip(self.model.trainable_variables, self._raw):
                variable.assign(value)
            self._raw = None

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Returns a context with the averaged weights inside and the raw ones after it."""
        self.apply()
        try:
            yield
        finally:
            self.remove()

    def on_test_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Puts the averaged weights in place before a validation."""
        self.apply()

    def on_test_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Puts the raw weights back after a validation."""
        self.remove()


class KeepWeights(keras.callbacks.Callback):
    """Writes the (averaged) weights after each validation, unless they are significantly worse than the best.

    It also counts validations without a lower error.

    Args:
      path: file of the weights.
      averaged: the callback that averages the weights.
      patience: validations without a lower error before training stops; 0: never.
      memory: the `memory` of the keeper that a checkpoint holds, or None.

    Attributes:
      memory: dictionary for JSON: the lowest error ("best"), that of each group then ("best_groups"), its step
        ("best_step"), the validations since ("waited") and the step of the weights in the file ("kept_step").
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        averaged: AveragedWeights,
        patience: int,
        memory: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self._path = path
        self._averaged = averaged
        self._patience = patience
        nothing: dict[str, Any] = {"best": None, "best_groups": [], "best_step": 0, "waited": 0, "kept_step": 0}
        # A checkpoint of an earlier version has no groups, and its best weights are in the file.
        self.memory: dict[str, Any] = {**nothing, "kept_step": memory["best_step"], **memory} if memory else nothing

    def observe(self, step: int, error: float, group_errors: Sequence[float] = ()) -> None:
        """Records a validation, and writes the weights unless they are worse than the best (`kept_weights.is_worse`).

        Args:
          step: the step of the validation.
          error: mean error in input px; NaN is worse than any number.
          group_errors: the mean error of each group of validation frames.
        """
        error = math.inf if math.isnan(error) else float(error)  # no number would be below NaN
        if self.memory["best"] is None or error < self.memory["best"]:
            groups = [float(value) for value in group_errors]
            self.memory = {"best": error, "best_groups": groups, "best_step": step, "waited": 0}
        else:
            self.memory = dict(self.memory, waited=self.memory["waited"] + 1)
            if not math.isfinite(error) or kept_weights.is_worse(group_errors, self.memory["best_groups"]):
                return
        self.memory["kept_step"] = step
        with self._averaged.applied():
            write_weights(self.model, self._path)

    @property
    def described(self) -> str:
        """Which weights are in the file."""
        text = f"kept the weights of step {self.memory['kept_step']}"
        if self.memory["kept_step"] == self.memory["best_step"]:
            return text
        return f"{text}, which validation cannot tell from the best of step {self.memory['best_step']}"

    @property
    def exhausted(self) -> bool:
        """Whether so many validations had no better error that training should stop."""
        return bool(self._patience) and self.memory["waited"] >= self._patience


def write_weights(model: keras.Model, path: str | os.PathLike[str]) -> None:
    """Writes the weights of a model atomically.

    Raises:
      OSError: if the disk is full; the message names the file, and the old one stays.
    """
    # A model of the same layers without the optimiser, whose state would triple the file.
    bare = keras.Model(model.inputs, model.output)
    with files.replace_atomically(path) as temporary:
        files.reserve(temporary, _size_at_most(bare))
        bare.save_weights(temporary, overwrite=True)
        weights_file.seal(temporary)


def _size_at_most(model):
    return sum(variable.numpy().nbytes + _BYTES_PER_ARRAY for variable in model.weights) + _BYTES_PER_FILE


class KeepSnapshots(keras.callbacks.Callback):
    """Keeps the weights after some steps (`runs.snapshots`), as they are: not averaged.

    A run that is resumed writes the same snapshots again.

    Args:
      run: folder of the run.
      steps: the steps to keep.
      start_step: steps that are done already.
    """

    def __init__(self, run: RunDirectory, steps: Sequence[int], start_step: int) -> None:
        super().__init__()
        self._run = run
        self._steps = frozenset(steps)
        self._step = start_step

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Writes a snapshot after a step that is to be kept."""
        self._step += 1
        if self._step in self._steps:
            snapshots.write(self._run, self._step, self.model.get_weights())


class TensorBoard(keras.callbacks.TensorBoard):
    """TensorBoard's curves, without those of training that only a validation measures. Args as the class of Keras."""

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Writes the figures of training and validation."""
        with event_files.name_unwritable(self.log_dir):
            super().on_epoch_end(epoch, measured_logs(logs))
            for writer in self._writers.values():  # nothing is lost if the process ends without a word
                writer.flush()


class Validation(keras.callbacks.Callback):
    """After each validation: weights that are kept, then the checkpoint, then a line of progress.

    Because of this order, a process that is killed in between repeats the validation with the same result.

    Args:
      keeper: the callback that keeps weights.
      read_groups: function that returns the mean error of each group of validation frames.
      folder: folder of the checkpoints.
      interval: steps from one validation to the next.
      history: records of earlier validations; the new ones are added to a copy.
      echo: function that shows a line of text.
      progress: rate and time left.

    Attributes:
      history: a dictionary for each validation: "step", and every log of Keras by its name.
    """

    def __init__(
        self,
        keeper: KeepWeights,
        read_groups: Callable[[], Sequence[float]],
        folder: str,
        interval: int,
        history: Sequence[dict[str, float]],
        echo: Callable[[str], None],
        progress: Progress,
    ) -> None:
        super().__init__()
        self._keeper = keeper
        self._read_groups = read_groups
        self._folder = folder
        self._interval = interval
        self._echo = echo
        self._progress = progress
        self.history = list(history)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Keeps what a validation found."""
        step = (epoch + 1) * self._interval
        record = {"step": step, **{name: float(value) for name, value in measured_logs(logs).items()}}
        self.history.append(record)
        error = find_log(record, "val_", "mean_error")
        if error is None:
            raise ValueError(f"expected a log val_…mean_error, received {', '.join(record)}")
        self._keeper.observe(step, error, self._read_groups())
        memory = {"keeper": self._keeper.memory, "history": self.history}
        checkpoint.save(self._folder, step, self.model, memory)
        mark = ""
        if self._keeper.memory["best_step"] == step:
            mark = "  (best so far)"
        elif self._keeper.memory["kept_step"] != step:
            mark = "  (worse: not kept)"
        self._echo(f"{self._progress.line(time.monotonic())}  {format_validation(record)}{mark}")
        if self._keeper.exhausted:
            self.model.stop_training = True
