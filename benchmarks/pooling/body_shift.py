"""The motion of a body as a whole: what flow must beat to be worth its cost.

Letters in shapes: P frames of a clip, L windows, T frames of a window.
"""

from __future__ import annotations

import numpy as np

from keras_pose.heatmaps import HeatmapCodec


def find_shifts(maps: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Finds how far the body moves from the middle frame of each window to the others.

    Args:
      maps: float [P, h, w, J], a net's maps of single frames.
      rows: int [L, T], which of them each window has.

    Returns:
      float32 [L, T, 2], (dx, dy) in heatmap px: the median over the joints of how far each one's highest point moves.
    """
    points = np.asarray(HeatmapCodec(1.0).decode(maps.astype(np.float32))[0])  # [P, J, 2]
    window = points[rows]
    middle = window[:, rows.shape[1] // 2, None]
    return np.median(window - middle, axis=2).astype(np.float32)
