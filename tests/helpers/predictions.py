"""Predictions of signers that are off by a few px, for tests of scores and their intervals."""

from __future__ import annotations

import numpy as np

from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.evaluation.predictions import ClipPredictions


def make_predictions(count: int = 4) -> list[ClipPredictions]:
    """Returns predictions of `count` clips of 3 frames of 128 px, wrong by a Gaussian of 4 px."""
    rng = np.random.default_rng(3)
    truth = rng.uniform(10, 100, (count, 3, SKELETON.num_joints, 2))
    shape = truth.shape[1:3]
    return [
        ClipPredictions(
            name=f"clip-{i}",
            frames=np.arange(3),
            predicted=truth[i] + rng.normal(0, 4, truth[i].shape),
            scores=np.ones(shape),
            truth=truth[i],
            visibility=np.full(shape, 2),
            size_hw=(128, 128),
        )
        for i in range(count)
    ]
