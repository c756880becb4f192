"""One fixed example frame: exports are compared on it, and warm-up requests contain it."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

_HEIGHT = 96
_WIDTH = 128


def make_frame() -> np.ndarray:
    """Returns uint8 [96, 128, 3]: smooth colours and a figure of boxes, always the same."""
    y, x = np.mgrid[:_HEIGHT, :_WIDTH].astype(np.float32)
    frame = np.stack([60 + x, 40 + y, 120 + 40 * np.sin(x / 9) * np.cos(y / 7)], -1)
    frame[20:40, 56:72] = (220, 180, 150)
    frame[40:90, 44:84] = (40, 60, 140)
    return np.clip(frame, 0, 255).astype(np.uint8)


def make_frames() -> tf.Tensor:
    """Returns the frame as a batch of one: uint8 [1, 96, 128, 3]."""
    return tf.constant(make_frame()[None])


def make_jpegs(count: int = 1) -> tf.Tensor:
    """Returns the frame as JPEG files: string [count]."""
    return tf.repeat(tf.io.encode_jpeg(make_frame())[None], count)
