"""What `--teacher` may name. Loads no TensorFlow."""

from __future__ import annotations

import os

from keras_pose import shipped

MEDIAPIPE = "mediapipe"
_MARKS = ("flags.txt", "saved_model.pb")


def check(teacher: str, python: str = "") -> None:
    """Checks what can be checked before TensorFlow is loaded.

    Args:
      teacher: `--teacher`.
      python: `--teacher_python`.

    Raises:
      ValueError: if it names no teacher.
    """
    if python and teacher != MEDIAPIPE:
        raise ValueError(f"--teacher_python: expected --teacher={MEDIAPIPE} with it, received --teacher={teacher}")
    if teacher == MEDIAPIPE:
        return
    if not any(os.path.isfile(os.path.join(shipped.find(teacher), mark)) for mark in _MARKS):
        raise ValueError(
            f"--teacher: expected the folder of a run (with flags.txt) or of a SavedModel (with saved_model.pb), "
            f"{', '.join(shipped.NETS)} or {MEDIAPIPE}, received {teacher}{shipped.explain_shadow(teacher)}"
        )
