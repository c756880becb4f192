"""Predictions of made-up videos of two joints."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton

TWO_JOINTS = Skeleton("two", ("tip", "tail"))


def make_video(name: str, predicted: ArrayLike, labelled: Sequence[int] = ()) -> ClipPredictions:
    """Returns predictions [N, 2, 2] as a video of 100 px; both joints of the labelled frames are at (53, 54)."""
    points = np.asarray(predicted, np.float32)
    truth = np.full(points.shape, np.nan)
    truth[list(labelled)] = (53, 54)
    visibility = np.where(np.isnan(truth[..., 0]), UNLABELLED, VISIBLE)
    return ClipPredictions(name, np.arange(len(points)), points, visibility * 1.0, truth, visibility, (100, 100))


def make_videos(
    scale: float = 1.0, lengths: Sequence[int] = (10, 20, 5, 8, 12), labelled: Sequence[int] = (2,)
) -> list[ClipPredictions]:
    """Returns videos whose every second difference is `scale` times that of scale 1."""
    rng = np.random.default_rng(1)
    return [make_video(f"v{i}", 50 + scale * rng.normal(0, 1, (n, 2, 2)), labelled) for i, n in enumerate(lengths)]
