"""What a training shows on the terminal: the line of progress and the figures of each validation."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TextIO

import keras


class Progress(keras.callbacks.Callback):
    """Rewrites a line about once a second on a terminal: step, rate and time left.

    Args:
      start_step: the first step.
      total_steps: steps of the whole training.
      stream: where to write; nothing is written if it is not a terminal.
    """

    def __init__(self, start_step: int, total_steps: int, stream: TextIO = sys.stderr) -> None:
        super().__init__()
        self._step = start_step
        self._first = start_step
        self._total = total_steps
        self._stream = stream
        self._shown = 0.0
        self._began: float | None = None

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Counts a step, and writes the line if the last one is a second old."""
        now = time.monotonic()
        self._step += 1
        if self._began is None:  # the first step traces the graph and says nothing about the rate
            self._began = now
            self._first = self._step
            self._shown = now
        elif now - self._shown >= 1.0 and self._stream.isatty():
            self._shown = now
            print("\r" + self.line(now) + "\x1b[K", end="", file=self._stream, flush=True)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Clears the line, so that the figures of a validation can take its place."""
        if self._stream.isatty():
            print("\r\x1b[K", end="", file=self._stream, flush=True)

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
        left = int((self._total - self._step) / rate)
        return f"step {self._step}/{self._total}  {rate:.1f} steps/s  {left // 60}:{left % 60:02d} left"


def format_validation(record: Mapping[str, float]) -> str:
    """Returns the figures of a validation as text, such as `loss 0.00123  error 4.20 px  within 5 % 0.870`."""
    text = f"loss {record['loss']:.5f}  error {find_log(record, 'val_', 'mean_error'):.2f} px  "
    text += f"within 5 % {find_log(record, 'val_', 'accuracy'):.3f}"
    peak = find_log(record, "val_", "peak_height")
    return text if peak is None else f"{text}  peak {peak:.2f}"


def find_log(logs: Mapping[str, float], prefix: str, ending: str) -> float | None:
    """Returns the log whose name begins with `prefix` and ends with `ending`, or None.

    Between the two stands the name of the output; the two stacks put it there by different rules.
    """
    for name, value in logs.items():
        if name.startswith(prefix) and name.endswith(ending):
            return value
    return None
