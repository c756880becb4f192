"""TensorBoard's event files: an error that names the folder and the reason if they cannot be written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import tensorflow as tf


@contextlib.contextmanager
def name_unwritable(folder: str) -> Iterator[None]:
    """Makes of TensorFlow's error about an event file in the block one line that names the folder and the reason.

    TensorFlow reports that a file cannot be made. What no longer fits into an open file is lost without an error.

    Args:
      folder: TensorBoard's folder.

    Raises:
      OSError: `<folder>: cannot be written: <reason>`.
    """
    try:
        yield
    except tf.errors.OpError as error:
        if "events.out" not in error.message and folder not in error.message:
            raise
        # The message is "{{node}} <file>; <reason>", then lines about what was to be written.
        reason = error.message.splitlines()[0].rpartition("; ")[2]
        raise OSError(f"{folder}: cannot be written: {reason}") from error
