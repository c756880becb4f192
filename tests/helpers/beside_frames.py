"""Predictions from windows beside predictions from the frame alone, made up from given positions."""

from __future__ import annotations

import numpy as np

from keras_pose.evaluation.beside_frame import BesideFrame
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton

HANDS = Skeleton("hands", ("nose", "left_wrist", "right_wrist"), flip_pairs=(("left_wrist", "right_wrist"),))


def make_path(num_frames: int, period: float = 24.0, lag: float = 0.0) -> np.ndarray:
    """Returns float64 [T, 2]: a wave of 20 px along a diagonal, `lag` frames late."""
    at = np.arange(num_frames) - lag
    return np.stack([50 + 16 * np.sin(2 * np.pi * at / period), 50 + 12 * np.sin(2 * np.pi * at / period)], -1)


def make_beside(
    truth: np.ndarray,
    single: np.ndarray,
    pooled: np.ndarray,
    name: str = "clip",
    visibility: np.ndarray | None = None,
    modes: np.ndarray | None = None,
) -> BesideFrame:
    """Returns predictions of a clip of 100×100 px whose frames are all labelled.

    Args:
      truth, single, pooled: float [N, J, 2].
      name: of the clip.
      visibility: uint8 [N, J]; None: all visible.
      modes: float [N, J, M, 2], maxima of the maps of single frames; None: one at the prediction.
    """
    shape = truth.shape[:2]
    visible = np.full(shape, 2) if visibility is None else visibility
    modes = single[:, :, None] if modes is None else modes
    both = [
        ClipPredictions(name, np.arange(shape[0]), points, np.ones(shape), truth, visible, (100, 100))
        for points in (pooled, single)
    ]
    return BesideFrame(both[0], both[1], np.asarray(modes, np.float32), np.ones(modes.shape[:3], np.float32))
