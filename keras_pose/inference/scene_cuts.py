"""Finds the cuts of edited video while its frames arrive, cheaply: from small grey images."""

from __future__ import annotations

import collections
import statistics

import cv2
import numpy as np

_SIDE_PX = 32
_CELLS = (
    4  # histograms of 4×4 parts of the image: two scenes may well have the same grey levels, not at the same places
)
_BINS = 16


class SceneCuts:
    """Says of each frame whether a new scene begins with it.

    It does where two things come together: the change from the frame before is large and out of proportion to the
    changes before that one, and the grey levels of the parts of the image are distributed otherwise. Fast motion fails
    the first, a shaken camera the second. A cut to a similar picture, and a dissolve, are not seen; where everything
    changes all the time, nothing is a cut but perhaps the second frame. A frame that flashes up (black, white) counts
    as a scene of one frame, between two cuts.

    Seen on 60 synthetic signers and 24 videos of talking faces: inside a scene changes of up to 7 grey levels and
    correlations from 0.96; from one signer to another changes from 19 and correlations up to 0.84.

    Args:
      min_change: mean absolute difference of a cut at the least, in grey levels.
      factor: a cut's difference at the least, relative to the median of those of up to `memory` frames before.
      max_correlation: correlation of the local histograms at a cut at the most.
      memory: frames.
    """

    def __init__(self, min_change=10.0, factor=3.0, max_correlation=0.9, memory=25):
        self._min_change, self._factor, self._max_correlation = min_change, factor, max_correlation
        self._changes = collections.deque(maxlen=memory)
        self.restart()

    def restart(self):
        """Forgets all frames; the next one is no cut."""
        self._before = None
        self._changes.clear()

    def is_cut(self, grey) -> bool:
        """Takes the next frame.

        Args:
          grey: uint8 [H, W], all frames of one size.

        Returns:
          Whether it is the first of a new scene.
        """
        small = cv2.resize(grey, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
        before, self._before = self._before, small
        if before is None:
            return False
        change = cv2.norm(small, before, cv2.NORM_L1) / small.size
        usual = statistics.median(self._changes) if self._changes else 0.0
        self._changes.append(change)
        if change < max(self._min_change, self._factor * usual):
            return False
        return _correlation(small, before) < self._max_correlation


def _correlation(first, second):
    """Correlation of the histograms of the parts of two images, taken together."""
    first, second = _histograms(first), _histograms(second)
    return float(cv2.compareHist(first, second, cv2.HISTCMP_CORREL))


def _histograms(small):
    """float32 [cells · bins]."""
    side = _SIDE_PX // _CELLS
    levels = small.reshape(_CELLS, side, _CELLS, side).astype(np.int64) * _BINS // 256
    cells = np.arange(_CELLS * _CELLS).reshape(_CELLS, 1, _CELLS, 1) * _BINS
    counts = np.bincount((cells + levels).ravel(), minlength=_CELLS * _CELLS * _BINS).reshape(-1, _BINS)
    # A brightness near the edge of two bins would otherwise jump from one to the other.
    return cv2.blur(counts.astype(np.float32), (3, 1), borderType=cv2.BORDER_REPLICATE).ravel()
