"""Accuracy against distance with bootstrap bands: the data of the figures that papers on arm joints print."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from keras_pose.evaluation import bootstrap
from keras_pose.evaluation.measures import build_measures, group_means, joint_groups, pooled_means
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton
from keras_pose.viz.curves import AccuracyCurve

ALL_JOINTS = "all joints"


def accuracy_curves(
    predictions: Sequence[ClipPredictions],
    skeleton: Skeleton,
    max_px: float,
    points: int = 101,
    level: float = bootstrap.LEVEL,
    resamples: int = bootstrap.RESAMPLES,
    seed: int = 0,
) -> dict[str, AccuracyCurve]:
    """Computes the accuracy curve of each group of joints.

    Args:
      predictions: list of `ClipPredictions`.
      skeleton: their `Skeleton`.
      max_px: largest distance in px.
      points: number of distances from 0 to `max_px`.
      level: coverage of the band, 0 to 1.
      resamples: at least 1000.
      seed: int, seed of the bootstrap.

    Returns:
      Name of the group to its curve; if there are several groups, `ALL_JOINTS` comes first.

    Raises:
      ValueError: for predictions that do not fit the skeleton or too few resamples.
    """
    distances = np.linspace(0.0, max_px, points)
    measures = build_measures(predictions, skeleton, distances.tolist())
    columns = measures.columns_of("accuracy_px")
    means: dict[str, Callable] = {name: _mean_of(joints) for name, joints in joint_groups(skeleton).items()}
    if len(means) > 1:
        means = {ALL_JOINTS: pooled_means, **means}

    # Form every group's curve in every resample.
    draws: dict[str, list[np.ndarray]] = {name: [] for name in means}
    for sums, counts in bootstrap.resampled(measures, resamples, seed):
        for name, mean in means.items():
            draws[name].append(mean(sums, counts)[:, columns])

    # The curve is that of all units; its band covers the resamples.
    all_units = measures.weighted(np.ones((1, measures.num_rows)))
    curves = {}
    for name, mean in means.items():
        limits = bootstrap.limits(np.concatenate(draws[name]), level)
        low, high = np.array([pair or (np.nan, np.nan) for pair in limits]).T
        curves[name] = AccuracyCurve(distances, mean(*all_units)[0, columns], low, high)
    return curves


def _mean_of(joints):
    return lambda sums, counts: group_means(sums, counts, joints)
