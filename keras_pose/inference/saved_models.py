"""Loads SavedModels from any folder, also one whose path contains characters of patterns."""

from __future__ import annotations

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
