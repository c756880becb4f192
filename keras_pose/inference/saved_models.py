"""Loads SavedModels from any folder, also one whose path contains characters of patterns."""

from __future__ import annotations

import functools
import hashlib
import os
from typing import Any

import tensorflow as tf

from keras_pose import files


def load(folder: str | os.PathLike[str]) -> Any:
    """Loads a SavedModel as `tf.saved_model.load` does. Keep the result: its signatures hold its variables weakly.

    Args:
      folder: folder with saved_model.pb.

    Raises:
      OSError: if the folder holds no SavedModel.
    """
    with files.without_pattern(folder) as path:
        return tf.saved_model.load(path)


def digest_files(folder: str | os.PathLike[str]) -> str:
    """Returns the SHA-256 of the graphs and the weights of a SavedModel, hexadecimal."""
    digest = hashlib.sha256()
    variables = os.path.join(folder, "variables")
    names = os.listdir(variables) if os.path.isdir(variables) else []  # a model without weights has none
    paths = [os.path.join(folder, "saved_model.pb"), *(os.path.join(variables, name) for name in names)]
    for path in sorted(paths):
        with open(path, "rb") as file:
            for block in iter(functools.partial(file.read, 1 << 20), b""):
                digest.update(block)
    return digest.hexdigest()
