"""Checks the frames that users pass in: a message says what was expected, what was received, and how to convert it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np


def check_frames(frames: Any) -> np.ndarray:
    """Returns frames as an array. An empty list counts as no frames.

    Args:
      frames: uint8 [N, H, W, 3], or a sequence of N frames.

    Returns:
      uint8 [N, H, W, 3].

    Raises:
      ValueError: for another shape or type, or frames without a pixel.
    """
    if isinstance(frames, (str, bytes, os.PathLike)):
        raise ValueError(f"frames: expected uint8 [N, H, W, 3], received {frames!r}; predict_video reads a video file")
    if isinstance(frames, (list, tuple)) and not frames:
        return np.zeros((0, 0, 0, 3), np.uint8)
    array = _as_array(frames)
    is_empty = array.ndim == 4 and len(array) == 0
    if array.ndim != 4 or array.shape[3] != 3 or array.dtype != np.uint8 or not (array.size or is_empty):
        raise ValueError(
            f"frames: expected uint8 [N, H, W, 3], received {_describe(array)}{_hint(array, ('N', 'H', 'W'))}"
        )
    return array


def check_frame(frame: Any, number: int) -> np.ndarray:
    """Returns a frame of a stream as an array.

    Args:
      frame: uint8 [H, W, 3].
      number: its number, for the message.

    Raises:
      ValueError: unless it is uint8 [H, W, 3] with at least one pixel; the message names its number.
    """
    array = np.asarray(frame)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or not array.size:
        received = f"received {_describe(array)}{_hint(array, ('H', 'W'))}"
        raise ValueError(f"frame {number}: expected uint8 [H, W, 3], RGB, {received}")
    return array


def _as_array(frames):
    sizes = {np.shape(frame) for frame in frames} if isinstance(frames, (list, tuple)) else set()
    if len(sizes) > 1:
        some = " and ".join(str(size) for size in sorted(sizes, key=str)[:2])
        raise ValueError(f"frames: expected frames of one size, received shapes {some}; predict each size apart")
    return np.asarray(frames)


def _describe(array):
    return f"{array.dtype} {array.shape}"


def _hint(array: np.ndarray, leading: Sequence[str]) -> str:
    """Returns how to convert an array to frames, `leading` the axes before the colours; "" for an unknown kind."""
    rank = len(leading)
    shape = array.shape
    if array.dtype == object:
        return "; read an iterator of frames with stream().predict(frames)" if array.ndim == 0 else ""
    if array.ndim not in (rank, rank + 1, rank + 2):
        return ""
    if rank == 3 and array.ndim == 3 and shape[2] == 3:
        return "; a single frame needs an axis in front: frame[None]"
    if rank == 2 and array.ndim == 4 and shape[3] == 3:
        return "; push the frames one by one"
    if array.ndim == rank:
        return "; for grey frames repeat the grey level: np.repeat(grey[..., None], 3, axis=-1)"
    if array.ndim != rank + 1:
        return ""
    if shape[-1] == 1:
        return "; for grey frames repeat the grey level: np.repeat(grey, 3, axis=-1)"
    if shape[-1] == 4:
        return "; leave out the alpha channel: frames[..., :3]"
    if shape[-1] != 3 and shape[-3] == 3:
        return "; put the colours last: np.moveaxis(frames, -3, -1)"
    if shape[-1] == 3 and np.issubdtype(array.dtype, np.floating):
        return "; convert 0 to 255 with frames.round().astype(np.uint8); multiply 0 to 1 by 255 before"
    if shape[-1] == 3 and array.size and np.issubdtype(array.dtype, np.integer):
        return "; convert 0 to 255 with frames.astype(np.uint8)"
    return ""
