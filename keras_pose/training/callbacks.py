"""What happens around the steps: averaged weights, the best ones kept, checkpoints, a stop at NaN, progress."""

from __future__ import annotations

import contextlib
import math
import sys
import time

import keras

from keras_pose import files
from keras_pose.training import checkpoint


class NonFiniteLossError(ArithmeticError):
    """The loss of a training step is NaN or infinite."""


class StopAtNaN(keras.callbacks.Callback):
    """Raises `NonFiniteLossError` at the first step whose loss is not finite, naming it."""

    def __init__(self, start_step):
        super().__init__()
        self.step = start_step

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        loss = logs["loss"]
        if not math.isfinite(loss):
            raise NonFiniteLossError(
                f"the loss of step {self.step} is {loss}. Checkpoints up to the last validation are kept. Try a lower "
                "--learning_rate, --clip_norm=1, or --mixed_precision=none or bfloat16."
            )


class AveragedWeights(keras.callbacks.Callback):
    """Validates with the moving average of the weights, which the optimiser keeps, and then puts the raw ones back."""

    def __init__(self, strategy):
        super().__init__()
        self._strategy = strategy
        self._raw = None

    def apply(self):
        """Puts the averaged weights in place of the raw ones."""
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        if not optimizer.use_ema:
            return
        self._raw = [variable.numpy() for variable in self.model.trainable_variables]
        with self._strategy.scope():
            optimizer.finalize_variable_values(self.model.trainable_variables)

    def remove(self):
        """Puts the raw weights back."""
        if self._raw is not None:
            for variable, value in zip(self.model.trainable_variables, self._raw):
                variable.assign(value)
            self._raw = None

    @contextlib.contextmanager
    def applied(self):
        """Averaged weights inside the block, raw ones after it."""
        self.apply()
        try:
            yield
        finally:
            self.remove()

    def on_test_begin(self, logs=None):
        self.apply()

    def on_test_end(self, logs=None):
        self.remove()


class KeepBest(keras.callbacks.Callback):
    """Writes the (averaged) weights with the lowest validation error, and stops when no better ones come.

    Args:
      path: file of the weights.
      averaged: `AveragedWeights`.
      patience: validations without a better one before training stops; 0: never.
      memory: what a checkpoint remembered of the keeper before (see `memory`), or None.
    """

    def __init__(self, path, averaged, patience, memory=None):
        super().__init__()
        self._path, self._averaged, self._patience = path, averaged, patience
        self.memory = memory or {"best": None, "best_step": 0, "waited": 0}

    def observe(self, step, error):
        """Takes note of a validation error; writes the weights where it is the lowest so far."""
        error = math.inf if math.isnan(error) else float(error)  # nothing is below NaN: any number has to be
        if self.memory["best"] is None or error < self.memory["best"]:
            self.memory = {"best": error, "best_step": step, "waited": 0}
            with self._averaged.applied():
                write_weights(self.model, self._path)
        else:
            self.memory = dict(self.memory, waited=self.memory["waited"] + 1)

    @property
    def exhausted(self):
        return bool(self._patience) and self.memory["waited"] >= self._patience


def write_weights(model, path):
    """Writes the weights of a model, whole or not at all."""
    # A model of the same layers without the optimiser, whose state would triple the file.
    bare = keras.Model(model.inputs, model.output)
    with files.replace_atomically(path) as temporary:
        bare.save_weights(temporary, overwrite=True)


class Validation(keras.callbacks.Callback):
    """After each validation: best weights, then the checkpoint, then a line of progress; in this order, so that a
    process killed in between repeats the same validation with the same result.

    Args:
      keeper: `KeepBest`.
      folder: where checkpoints go.
      interval: steps from one validation to the next.
      history: list of the records of earlier validations (dictionaries), continued here.
      echo: function that shows a line of text.
      progress: `Progress`, for rate and time left.
    """

    def __init__(self, keeper, folder, interval, history, echo, progress):
        super().__init__()
        self._keeper, self._folder, self._interval = keeper, folder, interval
        self.history, self._echo, self._progress = list(history), echo, progress

    def on_epoch_end(self, epoch, logs=None):
        step = (epoch + 1) * self._interval
        record = {"step": step, **{name: float(value) for name, value in logs.items()}}
        self.history.append(record)
        self._keeper.observe(step, named(record, "val_", "mean_error"))
        memory = {"keeper": self._keeper.memory, "history": self.history}
        checkpoint.save(self._folder, step, self.model, memory)
        self._echo(f"{self._progress.line(time.monotonic())}  {summary(record)}{self._mark(step)}")
        if self._keeper.exhausted:
            self.model.stop_training = True

    def _mark(self, step):
        return "  (best so far)" if self._keeper.memory["best_step"] == step else ""


class Progress(keras.callbacks.Callback):
    """A line that is rewritten about once a second on a terminal: step, rate and time left.

    Args:
      start_step: the first step.
      total_steps: steps of the whole training.
      stream: where it goes; nothing is written where that is no terminal.
    """

    def __init__(self, start_step, total_steps, stream=sys.stderr):
        super().__init__()
        self._step, self._first, self._total, self._stream = start_step, start_step, total_steps, stream
        self._shown = self._began = None

    def on_train_batch_end(self, batch, logs=None):
        now = time.monotonic()
        self._step += 1
        if self._began is None:  # the first step traces the graph and says nothing about the rate
            self._began, self._first, self._shown = now, self._step, now
        elif now - self._shown >= 1.0 and self._stream.isatty():
            self._shown = now
            print("\r" + self.line(now) + "\x1b[K", end="", file=self._stream, flush=True)

    def on_epoch_end(self, epoch, logs=None):
        if self._stream.isatty():
            print("\r\x1b[K", end="", file=self._stream, flush=True)

    def rate(self, now):
        """Returns the steps a second so far, validation included; None before the second step."""
        done = self._step - self._first
        return done / (now - self._began) if done else None

    def line(self, now):
        """Returns the text for this moment (seconds of `time.monotonic`)."""
        rate = self.rate(now)
        if rate is None:
            return f"step {self._step}/{self._total}"
        left = int((self._total - self._step) / rate)
        return f"step {self._step}/{self._total}  {rate:.1f} steps/s  {left // 60}:{left % 60:02d} left"


def summary(record):
    """Returns the figures of a validation in words, for example `loss 0.00123  error 4.20 px  within 5 % 0.870`."""
    text = f"loss {record['loss']:.5f}  error {named(record, 'val_', 'mean_error'):.2f} px  "
    text += f"within 5 % {named(record, 'val_', 'accuracy'):.3f}"
    peak = named(record, "val_", "peak_height")
    return text if peak is None else f"{text}  peak {peak:.2f}"


def named(logs, prefix, ending):
    """Returns the log value whose name begins and ends so, or None.

    What stands in between is the output's name, which the two stacks put there by different rules.
    """
    for name, value in logs.items():
        if name.startswith(prefix) and name.endswith(ending):
            return value
    return None
