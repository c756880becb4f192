"""Scores predictions: the content of metrics.json.

Errors are distances in px of the original frame; accuracies are fractions of the labelled joints, hidden ones included.
Unlabelled joints are left out, and a figure without anything to measure is None. Figures over all joints count every
labelled joint alike; figures of a group ("wrist") average its joints' own figures, as papers on arms report them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_pose.data.clip import HIDDEN, VISIBLE
from keras_pose.evaluation import bootstrap, reference_lengths
from keras_pose.evaluation.config import PCK_FRACTIONS
from keras_pose.evaluation.measure_table import MeasureOptions, PckReference, find_measure
from keras_pose.evaluation.measures import build_measures, group_means, joint_groups, joint_values, nest, pooled_means
from keras_pose.evaluation.predictions import ClipPredictions, check_predictions
from keras_pose.skeleton import Skeleton

DISTANCES_PX = (2, 4, 6, 8, 10, 15, 20, 30, 40)
AUC_MAX_OF_FRAME = 0.1


def score(
    predictions: Sequence[ClipPredictions],
    skeleton: Skeleton,
    pck_reference: PckReference = "frame",
    distances_px: Sequence[float] = DISTANCES_PX,
    pck_fractions: Sequence[float] = PCK_FRACTIONS,
    auc_max_px: float | None = None,
    resamples: int = bootstrap.RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Scores predictions.

    Args:
      predictions: list of `ClipPredictions`.
      skeleton: their `Skeleton`.
      pck_reference: "frame" (longer side of the frame), "torso", "shoulders", "head" or two joints ("name,name"); see
        `reference_lengths.resolve`. PCK leaves out and counts frames whose reference is not labelled.
      distances_px: distances d of "accuracy_px", the share of joints whose error is at most d px.
      pck_fractions: fractions of the reference length.
      auc_max_px: "auc" is the mean height of the accuracy curve from 0 to this many px; None: see `auc_range_px`.
      resamples: bootstrap resamples, at least 1000.
      seed: int, seed of the bootstrap.

    Returns:
      Dictionary ready for JSON: "num_frames" (with a labelled joint), "num_clips", "num_joints",
      "num_labelled_joints", the measures of `measure_table` ("mean_error_px", "accuracy_px", "pck", "auc", …),
      "median_error_px", "num_frames_without_reference" (which PCK leaves out), "auc_max_px", "jitter_px", "per_joint",
      "groups", "by_visibility", "confidence_intervals".

    Raises:
      ValueError: for predictions that do not fit the skeleton, an unusable reference, no distances, few resamples.
    """
    check_predictions(predictions, skeleton)
    if not len(distances_px) or min(distances_px) < 0:
        raise ValueError(f"distances_px: expected at least one distance in px, none below 0, received {distances_px}")
    auc_max_px = auc_range_px(predictions, distances_px) if auc_max_px is None else float(auc_max_px)
    measures = build_measures(predictions, skeleton, distances_px, pck_reference, pck_fractions, auc_max_px)
    options = MeasureOptions(distances_px, pck_reference, pck_fractions, auc_max_px)
    errors = np.concatenate([clip.errors_px() for clip in predictions])
    labelled = np.isfinite(errors)

    # Form every mean over all joints, per joint and per group.
    sums, counts = measures.weighted(np.ones((1, measures.num_rows)))
    overall = _figures(measures.keys, pooled_means(sums, counts)[0])
    overall["pck"] = {"reference": reference_lengths.describe(pck_reference), **overall.get("pck", {})}
    groups = joint_groups(skeleton)
    of_groups = {
        name: _figures(measures.keys, group_means(sums, counts, members)[0]) for name, members in groups.items()
    }

    # Bootstrap groups and joints together, then tell them apart: a midline joint is both.
    joints = {name: (j,) for j, name in enumerate(skeleton.joints)}
    limits = bootstrap.intervals(measures, {**groups, **joints}, resamples=resamples, seed=seed)
    limits["per_joint"] = {name: limits["groups"][name] for name in joints}
    limits["groups"] = {name: limits["groups"][name] for name in groups}
    return {
        "num_frames": int(labelled.any(1).sum()),
        "num_clips": int(sum(np.isfinite(clip.errors_px()).any() for clip in predictions)),
        "num_joints": skeleton.num_joints,
        "num_labelled_joints": int(labelled.sum()),
        **_add_median(overall, errors),
        "num_frames_without_reference": reference_lengths.count_frames_without(predictions, pck_reference, skeleton),
        "auc_max_px": auc_max_px,
        "jitter_px": jitter_px(predictions),
        "per_joint": _per_joint(measures.keys, sums, counts, errors, skeleton),
        "groups": of_groups,
        "by_visibility": _by_visibility(predictions, *joint_values(predictions, skeleton, options)),
        "confidence_intervals": limits,
    }


def auc_range_px(predictions: Sequence[ClipPredictions], distances_px: Sequence[float] = DISTANCES_PX) -> float:
    """Returns the default upper end of the accuracy curve in px: a tenth of the longest frame side among the clips.

    If no clip knows its size, it is the largest of `distances_px`.
    """
    sides = [max(clip.size_hw) for clip in predictions if clip.size_hw is not None]
    return AUC_MAX_OF_FRAME * max(sides) if sides else float(max(distances_px))


def jitter_px(predictions: Sequence[ClipPredictions]) -> float | None:
    """Measures how predictions tremble: the mean length of their second difference.

    Args:
      predictions: list of `ClipPredictions`; labels do not matter.

    Returns:
      Mean over joints and runs of three consecutive frames of `|p(t−1) − 2·p(t) + p(t+1)|` in px; None if there is no
      such run. True movement adds to it, so compare runs on the same clips.
    """
    lengths = []
    for clip in predictions:
        gaps = np.diff(clip.frames)
        runs = (gaps[:-1] == 1) & (gaps[1:] == 1)
        second = np.diff(clip.predicted.astype(np.float64), n=2, axis=0)
        lengths.append(np.linalg.norm(second[runs[: len(second)]], axis=-1).ravel())
    pooled = np.concatenate(lengths)
    return float(pooled.mean()) if len(pooled) else None


def _per_joint(keys, sums, counts, errors, skeleton):
    return {
        name: {
            **_add_median(_figures(keys, group_means(sums, counts, (j,))[0]), errors[:, j]),
            "num_labelled": int(np.isfinite(errors[:, j]).sum()),
        }
        for j, name in enumerate(skeleton.joints)
    }


def _by_visibility(predictions, keys, tables):
    visibility = np.concatenate([clip.visibility for clip in predictions])
    values = np.concatenate(tables)  # [N, K, J]
    chosen = [k for k, key in enumerate(keys) if find_measure(key).by_visibility]
    result = {}
    for name, value in (("visible", VISIBLE), ("hidden", HIDDEN)):
        of_joints = [values[:, k][visibility == value] for k in chosen]
        known = [v[np.isfinite(v)] for v in of_joints]
        means = [v.mean() if len(v) else None for v in known]
        count = int((visibility == value).sum())
        result[name] = {"num_labelled_joints": count, **_figures([keys[k] for k in chosen], means)}
    return result


def _figures(keys, values):
    return nest(keys, [float(v) if v is not None and np.isfinite(v) else None for v in values])


def _add_median(figures, errors):
    """Puts the median error, which is no mean and so no measure, behind the mean error."""
    known = errors[np.isfinite(errors)]
    median = float(np.median(known)) if len(known) else None
    return {"mean_error_px": figures["mean_error_px"], "median_error_px": median, **figures}
