"""Finds the cuts of edited video as its frames arrive, at little cost, from small grey images."""

from __future__ import annotations

import collections
import statistics

import cv2
import numpy as np

_SIDE_PX = 32
# Histograms of 4×4 cells of the image: two scenes may have the same grey levels, but not in the same places.
_CELLS = 4
_BINS = 16


class SceneCuts:
    """Decides for each frame whether a new scene begins with it.

    A frame is a cut if two conditions hold: the change from the frame before is large, also compared with the changes
    before it; and the grey levels in the cells of the image are distributed differently. Fast motion fails the first
    condition, a shaken camera the second. A cut to a similar picture and a dissolve are not found. If everything
    changes all the time, nothing is a cut except perhaps the second frame. A flash (a black or white frame) counts as a
    scene of one frame, between two cuts.

    Measured on 60 synthetic signers and 24 videos of talking faces: inside a scene, changes of up to 7 grey levels and
    correlations from 0.96; from one signer to another, changes from 19 grey levels and correlations up to 0.84.

    Args:
      min_change: smallest mean absolute difference of a cut, in grey levels.
      factor: smallest difference of a cut relative to the median difference of up to `memory` frames before.
      max_correlation: largest correlation of the cells' histograms at a cut.
      memory: number of frames.
    """

    def __init__(
        self, min_change: float = 10.0, factor: float = 3.0, max_correlation: float = 0.9, memory: int = 25
    ) -> None:
        self._min_change = min_change
        self._factor = factor
        self._max_correlation = max_correlation
        self._changes: collections.deque[float] = collections.deque(maxlen=memory)
        self.restart()

    def restart(self) -> None:
        """Forgets all frames; the next frame is not a cut."""
        self._before: np.ndarray | None = None
        self._changes.clear()

    def is_cut(self, grey: np.ndarray) -> bool:
        """Takes the next frame.

        Args:
          grey: uint8 [H, W], all frames of one size.

        Returns:
          Whether it is the first of a new scene.
        """
        small = cv2.resize(grey, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
        before = self._before
        self._before = small
        if before is None:
            return False
        # Compare the change with the least change of a cut and with the changes before.
        change = cv2.norm(small, before, cv2.NORM_L1) / small.size
        usual = statistics.median(self._changes) if self._changes else 0.0
        self._changes.append(change)
        if change < max(self._min_change, self._factor * usual):
            return False
        # Compare how the grey levels are distributed over the cells.
        return _correlation(small, before) < self._max_correlation


def _correlation(first, second):
    """Returns the correlation of the histograms of all cells of two images."""
    return float(cv2.compareHist(_histograms(first), _histograms(second), cv2.HISTCMP_CORREL))


def _histograms(small):
    """Returns the histograms of all cells, float32 [cells · bins]."""
    side = _SIDE_PX // _CELLS
    levels = small.reshape(_CELLS, side, _CELLS, side).astype(np.int64) * _BINS // 256
    cells = np.arange(_CELLS * _CELLS).reshape(_CELLS, 1, _CELLS, 1) * _BINS
    counts = np.bincount((cells + levels).ravel(), minlength=_CELLS * _CELLS * _BINS).reshape(-1, _BINS)
    # Smooth: a brightness near the edge of two bins would otherwise jump from one to the other.
    return cv2.blur(counts.astype(np.float32), (3, 1), borderType=cv2.BORDER_REPLICATE).ravel()
