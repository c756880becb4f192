"""Lays the heatmaps of a frame over it, each in its joint's colour.

Letters in shapes: H W frame, h w heatmap, J joints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from keras_pose.viz.pose_marks import Color

_STRENGTH = 0.75
_LEAST = 0.02  # lower values are the background of a map


class Overlay(NamedTuple):
    """The heatmaps of one person in a frame.

    Attributes:
      maps: float [h, w, J], a value of 1 has full strength.
      to_frame: float [3, 3], heatmap px (x, y, 1) to px of the frame, as the signature `heatmaps` of exports gives it.
    """

    maps: np.ndarray
    to_frame: np.ndarray


def lay_over(frame: np.ndarray, overlay: Overlay, colors: Sequence[Color]) -> None:
    """Tints a frame where heatmaps are high.

    Args:
      frame: uint8 [H, W, 3], is changed.
      overlay: of this frame.
      colors: J colours (r, g, b).

    Raises:
      ValueError: if the maps are not of J joints.
    """
    maps = np.asarray(overlay.maps, np.float32)
    if maps.ndim != 3 or maps.shape[2] != len(colors):
        raise ValueError(f"expected heatmaps [h, w, {len(colors)}], received {list(maps.shape)}")
    # Mix the colours where the maps are small, then warp one picture instead of J maps.
    weights = np.where(maps < _LEAST, 0, np.clip(np.nan_to_num(maps), 0, 1))
    total = weights.sum(-1, keepdims=True)
    mixed = weights @ np.asarray(colors, np.float32) / np.maximum(total, 1e-6)  # [h, w, 3]
    strength = weights.max(-1, keepdims=True)
    tint = np.concatenate([mixed * strength, 255 * strength], -1)  # colours times strength: they interpolate rightly
    size = frame.shape[1::-1]
    warped = cv2.warpAffine(np.round(tint).astype(np.uint8), np.asarray(overlay.to_frame, np.float64)[:2], size)
    alpha = cv2.merge([warped[..., 3]] * 3)
    kept = cv2.multiply(frame, 255 - cv2.convertScaleAbs(alpha, alpha=_STRENGTH), scale=1 / 255)
    frame[:] = cv2.add(kept, cv2.convertScaleAbs(warped[..., :3], alpha=_STRENGTH))
