"""Accuracy against distance with bootstrap bands: the data of the figures that papers on arm joints print."""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_pose.evaluation import bootstrap
from keras_pose.evaluation.measures import build_measures, group_means, joint_groups, pooled_means

ALL_JOINTS = "all joints"


@dataclasses.dataclass(frozen=True)
class AccuracyCurve:
    """Accuracy within a distance.

    Args:
      distances_px: float64 [D], rising from 0.
      accuracy: float64 [D], fraction of the labelled joints; NaN where nothing is labelled.
      low: float64 [D], lower end of the bootstrap interval.
      high: float64 [D], its upper end.
    """

    distances_px: np.ndarray
    accuracy: np.ndarray
    low: np.ndarray
    high: np.ndarray


def accuracy_curves(
    predictions, skeleton, max_px, points=101, level=bootstrap.LEVEL, resamples=bootstrap.RESAMPLES, seed=0
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
      Name of the group to its curve; where there are several groups, `ALL_JOINTS` comes first.

    Raises:
      ValueError: for predictions that do not fit the skeleton or too few resamples.
    """
    distances = np.linspace(0.0, max_px, points)
    measures = build_measures(predictions, skeleton, distances)
    groups = joint_groups(skeleton)
    means = {name: _group_function(joints) for name, joints in groups.items()}
    if len(groups) > 1:
        means = {ALL_JOINTS: pooled_means, **means}
    point = measures.weighted(np.ones((1, measures.num_units)))
    draws = {name: [] for name in means}
    for sums, counts in bootstrap.resampled(measures, resamples, seed):
        for name, mean in means.items():
            draws[name].append(mean(sums, counts)[:, 1:])  # column 0 is the mean error
    curves = {}
    for name, mean in means.items():
        limits = bootstrap.limits(np.concatenate(draws[name]), level)
        low, high = np.array([pair or (np.nan, np.nan) for pair in limits]).T
        curves[name] = AccuracyCurve(distances, mean(*point)[0, 1:], low, high)
    return curves


def _group_function(joints):
    return lambda sums, counts: group_means(sums, counts, joints)
