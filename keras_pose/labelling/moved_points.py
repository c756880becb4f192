"""Moves points of a frame along optical flow, which may be estimated on a smaller grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def move_points(points: np.ndarray, flow: np.ndarray, size_hw: Sequence[int]) -> np.ndarray:
    """Moves points along flow.

    Args:
      points: float [..., 2], (x, y) in px of the frame; NaN stays NaN.
      flow: float32 [h, w, 2], (dx, dy) in px of its own grid, from the frame of the points to another one.
      size_hw: (H, W) of the frame.

    Returns:
      float32 [..., 2], the points in the other frame.
    """
    scale = _scale(flow.shape[:2], size_hw)
    points = np.asarray(points, np.float32)
    return points + sample(flow, to_grid(points, flow.shape[:2], size_hw)) / scale


def sample(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Reads a map at points, bilinear, clamped to its border.

    Args:
      values: float32 [h, w] or [h, w, C].
      points: float [..., 2], (x, y) in px of the map.

    Returns:
      float32 [...] or [..., C]; NaN where a point is NaN.
    """
    height, width = values.shape[:2]
    known = np.isfinite(points).all(-1)
    inside = np.clip(np.where(known[..., None], points, 0), 0, [width - 1, height - 1])
    left_top = np.minimum(np.floor(inside).astype(int), [max(width - 2, 0), max(height - 2, 0)])
    share = (inside - left_top).astype(np.float32)
    x, y = left_top[..., 0], left_top[..., 1]
    right, below = np.minimum(x + 1, width - 1), np.minimum(y + 1, height - 1)
    share_x, share_y = share[..., 0], share[..., 1]
    if values.ndim == 3:
        share_x, share_y, known = share_x[..., None], share_y[..., None], known[..., None]
    upper = values[y, x] * (1 - share_x) + values[y, right] * share_x
    lower = values[below, x] * (1 - share_x) + values[below, right] * share_x
    return np.where(known, upper * (1 - share_y) + lower * share_y, np.nan).astype(np.float32)


def to_grid(points: np.ndarray, grid_hw: Sequence[int], size_hw: Sequence[int]) -> np.ndarray:
    """Returns float32 [..., 2]: points of a frame of `size_hw` px on a grid of `grid_hw` px that covers it."""
    return ((points + 0.5) * _scale(grid_hw, size_hw) - 0.5).astype(np.float32)


def _scale(grid_hw, size_hw):
    return np.array([grid_hw[1] / size_hw[1], grid_hw[0] / size_hw[0]], np.float32)
