"""MoveNet on a video: each frame is padded to a square, resized, and passed to the SavedModel by itself.

The SavedModel takes `input` int32 [1, S, S, 3], RGB of 0 to 255, and returns [1, 1, 17, 3]: y, x, score as fractions
of the square.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import cv2
import numpy as np
import tensorflow as tf


class MoveNet:
    """A MoveNet single-pose net.

    Args:
      folder: folder of the SavedModel.

    Raises:
      ValueError: if its signature is another.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._loaded = tf.saved_model.load(os.fspath(folder))
        self._run = self._loaded.signatures["serving_default"]
        shapes = self._run.structured_input_signature[1]
        if "input" not in shapes or shapes["input"].dtype != tf.int32:
            raise ValueError(f"{folder}: expected a MoveNet with int32 `input`, found {shapes}")
        self._side = int(shapes["input"].shape[1] or 192)

    def predict(self, frame: np.ndarray) -> np.ndarray:
        """Returns float32 [17, 3] of a frame, uint8 RGB [H, W, 3]: (x, y) in px of the frame, and the score."""
        height, width = frame.shape[:2]
        side = max(height, width)
        top = (side - height) // 2
        left = (side - width) // 2
        square = cv2.copyMakeBorder(frame, top, side - height - top, left, side - width - left, cv2.BORDER_CONSTANT)
        image = cv2.resize(square, (self._side, self._side), interpolation=cv2.INTER_AREA)
        answer = next(iter(self._run(input=tf.constant(image[None], tf.int32)).values())).numpy()[0, 0]
        return np.stack([answer[:, 1] * side - left, answer[:, 0] * side - top, answer[:, 2]], axis=1)

    def predict_all(self, frames: Iterable[np.ndarray]) -> np.ndarray:
        """Returns float32 [N, 17, 3] of frames, one after the other."""
        return np.stack([self.predict(frame) for frame in frames])
