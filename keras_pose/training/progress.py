"""What a training shows: the line of progress and the figures of each validation.

Errors are shown in px of the frame. What Keras logs beside them (`mean_error`, by which weights are kept, and the
figures of `--metrics`) is in px of the input.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO

import keras

from keras_pose import console

_OF_VALIDATION = ("mean_error_frame_px", "mean_error_of_groups")  # nothing counts in training


class Progress(keras.callbacks.Callback):
    """Shows step, rate and time left: rewritten on a terminal, otherwise after the first step and then once a minute.

    Args:
      start_step: the first step.
      total_steps: steps of the whole training.
      stream: where to write if it is a terminal; by default the error stream.
      echo: function that shows a line of text, used if it is not.
      validation_batches: number of batches in a validation; 0: not known.
    """

    def __init__(
        self,
        start_step: int,
        total_steps: int,
        stream: TextIO | None = None,
        echo: Callable[[str], Any] = console.show,
        validation_batches: int = 0,
    ) -> None:
        super().__init__()
        self._step = start_step
        self._first = start_step
        self._total = total_steps
        self._batches = validation_batches
        self._live = console.LiveLine(stream, echo)
        self._began: float | None = None
        self._validating = console.Meter("validating", validation_batches, "batches", self._live)

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Says why the first step takes longer."""
        if self._began is not None:  # it goes on, with another lesson
            return
        text = "training: building the graph and reading the first frames; the first step takes longest"
        self._live.update(lambda: text, at_once=True)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Counts a step, and shows the line if it is time."""
        self._step += 1
        is_first = self._began is None
        if is_first:  # the first step traces the graph and says nothing about the rate
            self._began = time.monotonic()
            self._first = self._step
        self._live.update(lambda: f"training: {self.line(time.monotonic())}", at_once=is_first)

    def on_test_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Begins to count the batches of a validation."""
        self._validating = console.Meter("validating", self._batches, "batches", self._live)

    def on_test_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Counts a batch of a validation."""
        if self._batches:
            self._validating.advance()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Clears the line, so that the figures of a validation can take its place."""
        self._live.clear()

    def rate(self, now: float) -> float | None:
        """Returns the steps per second so far, validation included; None before the second step.

        Args:
          now: seconds of `time.monotonic`.
        """
        done = self._step - self._first
        return done / (now - self._began) if self._began is not None and done else None

    def line(self, now: float) -> str:
        """Returns the line for this moment (seconds of `time.monotonic`)."""
        rate = self.rate(now)
        if rate is None:
            return f"step {self._step}/{self._total}"
        left = console.format_time((self._total - self._step) / rate)
        return f"step {self._step}/{self._total}  {console.format_rate(rate, 'steps')}  {left} left"


def format_validation(record: Mapping[str, float]) -> str:
    """Returns the figures of a validation as text: `loss 0.00123  error 12.60 px of the frame  within 5 % 0.870`.

    "within 5 %" is the fraction of joints within 5 % of the input's longer side.
    """
    error = find_log(record, "val_", "mean_error_frame_px")
    unit = "px of the frame"
    if error is None:  # of a version that did not measure it
        error = find_log(record, "val_", "mean_error")
        unit = "px of the input"
    text = f"loss {record['loss']:.5f}  error {error:.2f} {unit}  "
    text += f"within 5 % {find_log(record, 'val_', 'accuracy'):.3f}"
    peak = find_log(record, "val_", "peak_height")
    return text if peak is None else f"{text}  peak {peak:.2f}"


def measured_logs(logs: Mapping[str, float] | None) -> dict[str, float]:
    """Returns the logs of an epoch without those that only a validation measures."""
    return {
        name: value
        for name, value in (logs or {}).items()
        if name.startswith("val_") or not name.endswith(_OF_VALIDATION)
    }


def find_log(logs: Mapping[str, float], prefix: str, ending: str) -> float | None:
    """Returns the log whose name begins with `prefix` and ends with `ending`, or None.

    Between the two stands the name of the output; the two stacks put it there by different rules.
    """
    for name, value in logs.items():
        if name.startswith(prefix) and name.endswith(ending):
            return value
    return None
