"""Joints that a heatmap gives two answers for: a second mode that is nearly as high and lies elsewhere.

"Heatmaps can represent multimodal estimates": hands that cross, left taken for right. The answer is then the higher
mode, and its score says little. The thresholds were chosen on validation frames of the synthetic signers
(docs/confidence.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

MIN_RATIO = 0.5  # of the heights of the second and the first mode
MIN_DISTANCE = 0.1  # of the longer side of the region


def is_ambiguous(
    points: np.ndarray | Sequence,
    scores: np.ndarray | Sequence,
    second_points: np.ndarray | Sequence,
    second_scores: np.ndarray | Sequence,
    side_px: float | np.ndarray,
) -> np.ndarray:
    """Whether the second mode of each joint is close in height (`MIN_RATIO`) and far in place (`MIN_DISTANCE`).

    Args:
      points: float [..., 2], (x, y) of the first mode in px.
      scores: float [...], its height.
      second_points: float [..., 2], (x, y) of the second mode in px.
      second_scores: float [...], its height; 0 if there is none.
      side_px: longer side of the region that the net looked at, in the same px: a number, or an array that fits [...].

    Returns:
      bool [...]; False if a number is NaN or there is no second mode.
    """
    scores = np.asarray(scores, np.float64)
    second_scores = np.asarray(second_scores, np.float64)
    apart = np.linalg.norm(np.asarray(points, np.float64) - np.asarray(second_points, np.float64), axis=-1)
    is_high = (second_scores > 0) & (second_scores >= MIN_RATIO * scores)
    return is_high & (apart >= MIN_DISTANCE * np.asarray(side_px, np.float64))
