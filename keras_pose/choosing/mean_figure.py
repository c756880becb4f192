"""The figure of a candidate without its interval, for the search: the mean over all labelled joints."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_pose.choosing.comparison import AUC_FRACTION
from keras_pose.choosing.search import Predictions
from keras_pose.choosing.unseen import Part


@dataclasses.dataclass(frozen=True)
class MeanFigure:
    """Area under the accuracy up to 10 % of the input's longer side, 0 to 1.

    Args:
      predictions: what was predicted.
      side_px: the input's longer side in px.
    """

    predictions: Predictions
    side_px: int

    def __call__(self, name: str) -> float:
        """Returns the figure of a candidate, by its name."""
        return self._mean(self.predictions.found[name], slice(None))

    def of_parts(self, joints: np.ndarray, parts: Sequence[Part]) -> list[float]:
        """Returns the figure of some joints, float32 [N, J, 2] in input px, for each of the parts."""
        ends = np.cumsum([0, *(sum(clip.num_labelled for clip in part.clips) for part in parts)])
        return [self._mean(joints, slice(start, end)) for start, end in zip(ends, ends[1:])]

    def _mean(self, joints, rows):
        targets = self.predictions.targets[rows]
        errors = np.linalg.norm(joints[rows] - targets[..., :2], axis=-1)
        return float(np.clip(1 - errors / (AUC_FRACTION * self.side_px), 0, None)[targets[..., 2] > 0].mean())
