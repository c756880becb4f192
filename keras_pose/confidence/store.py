"""The calibration in the folder of a run: `calibration.json`, which names the weights that it belongs to."""

from __future__ import annotations

import hashlib
import os

from keras_pose import files
from keras_pose.confidence.calibration import Calibration

FILE_NAME = "calibration.json"
_BLOCK = 1 << 20


def file_digest(path: str | os.PathLike[str]) -> str:
    """Returns the SHA-256 of a file, hexadecimal.

    Raises:
      OSError: if it cannot be read.
    """
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def write(run_dir: str | os.PathLike[str], calibration: Calibration) -> None:
    """Writes the calibration of a run, whole or not at all.

    Raises:
      OSError: if the folder cannot be written.
    """
    files.write_json(os.path.join(run_dir, FILE_NAME), calibration.to_dict())


def read(
    run_dir: str | os.PathLike[str], weights: str | os.PathLike[str], joints: tuple[str, ...]
) -> tuple[Calibration | None, str]:
    """Reads the calibration of a run.

    Args:
      run_dir: folder of the run.
      weights: file of its weights.
      joints: names of its joints.

    Returns:
      The calibration and "", or None and the reason: there is none, or it belongs to other weights or joints.

    Raises:
      ValueError: if the file is damaged; the message names it.
    """
    path = os.path.join(run_dir, FILE_NAME)
    if not os.path.exists(path):
        return None, f"{path} does not exist; evaluate.py writes it"
    try:
        calibration = Calibration.from_dict(files.read_json(path))
    except ValueError as error:
        raise ValueError(
            f"{path}: expected a calibration: {error}; evaluate.py writes it again if it is gone"
        ) from error
    if calibration.joints != tuple(joints):
        return None, f"{path} is about other joints"
    if calibration.weights_sha256 != file_digest(weights):
        return None, f"{path} belongs to earlier weights; evaluate.py fits it again"
    return calibration, ""
