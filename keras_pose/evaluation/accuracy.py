"""Scores predictions: the content of metrics.json.

Errors are distances in px of the original frame; accuracies are fractions of the labelled joints, hidden ones among
them. Unlabelled joints are left out, and what has nothing to be measured on is None. Figures over all joints count
every labelled joint alike; figures of a group ("wrist") average its joints' own figures, as papers on arms report them.
"""

from __future__ import annotations

import numpy as np

from keras_pose.data.clip import HIDDEN, VISIBLE
from keras_pose.evaluation import bootstrap, reference_lengths
from keras_pose.evaluation.measures import build_measures, group_means, joint_groups, nest, pooled_means
from keras_pose.evaluation.predictions import check

DISTANCES_PX = (2, 4, 6, 8, 10, 15, 20, 30, 40)
PCK_FRACTIONS = (0.05, 0.1, 0.2)
AUC_MAX_OF_FRAME = 0.1


def score(
    predictions,
    skeleton,
    pck_reference="frame",
    distances_px=DISTANCES_PX,
    pck_fractions=PCK_FRACTIONS,
    auc_max_px=None,
    resamples=bootstrap.RESAMPLES,
    seed=0,
) -> dict:
    """Scores predictions.

    Args:
      predictions: list of `ClipPredictions`.
      skeleton: their `Skeleton`.
      pck_reference: "frame" (longer side of the frame), "torso", "shoulders", "head" or two joints ("name,name"); see
        `reference_lengths.resolve`. Frames whose reference is not labelled are left out of PCK.
      distances_px: distances d of "accuracy_px", the share of joints whose error is at most d px.
      pck_fractions: fractions of the reference length.
      auc_max_px: "auc" is the mean height of the accuracy curve from 0 to this many px; None: see `auc_range_px`.
      resamples: bootstrap resamples, at least 1000.
      seed: int, seed of the bootstrap.

    Returns:
      Dictionary ready for JSON: "num_frames" (with a labelled joint), "num_joints", "mean_error_px",
      "median_error_px", "accuracy_px", "pck", "auc", "auc_max_px", "jitter_px", "per_joint", "groups",
      "by_visibility", "num_clips", "num_labelled_joints", "confidence_intervals".

    Raises:
      ValueError: for predictions that do not fit the skeleton, an unusable reference, no distances, few resamples.
    """
    check(predictions, skeleton)
    if not len(distances_px) or min(distances_px) < 0:
        raise ValueError(f"distances_px: expected at least one distance in px, none below 0, received {distances_px}")
    auc_max_px = auc_range_px(predictions, distances_px) if auc_max_px is None else float(auc_max_px)
    measures = build_measures(predictions, skeleton, distances_px, pck_reference, pck_fractions, auc_max_px)
    groups = joint_groups(skeleton)
    sums, counts = measures.weighted(np.ones((1, measures.num_units)))
    errors = np.concatenate([clip.errors_px() for clip in predictions])
    labelled = np.isfinite(errors)
    overall = _figures(measures.keys, pooled_means(sums, counts)[0])
    joints = {name: (j,) for j, name in enumerate(skeleton.joints)}
    limits = bootstrap.intervals(measures, {**groups, **joints}, resamples=resamples, seed=seed)
    limits["per_joint"] = {name: limits["groups"][name] for name in joints}
    limits["groups"] = {name: limits["groups"][name] for name in groups}
    return {
        "num_frames": int(labelled.any(1).sum()),
        "num_clips": int(sum(np.isfinite(clip.errors_px()).any() for clip in predictions)),
        "num_joints": skeleton.num_joints,
        "num_labelled_joints": int(labelled.sum()),
        "mean_error_px": overall["mean_error_px"],
        "median_error_px": _median(errors),
        "accuracy_px": overall.get("accuracy_px", {}),
        "pck": {"reference": reference_lengths.describe(pck_reference), **overall.get("pck", {})},
        "auc": overall["auc"],
        "auc_max_px": auc_max_px,
        "jitter_px": jitter_px(predictions),
        "per_joint": _per_joint(measures, sums, counts, errors, skeleton),
        "groups": {
            name: _figures(measures.keys, group_means(sums, counts, members)[0]) for name, members in groups.items()
        },
        "by_visibility": _by_visibility(predictions, errors, distances_px),
        "confidence_intervals": limits,
    }


def auc_range_px(predictions, distances_px=DISTANCES_PX) -> float:
    """Returns the default upper end of the accuracy curve in px: a tenth of the longest frame side among the clips.

    Where no clip knows its size, it is the largest of `distances_px`.
    """
    sides = [max(clip.size_hw) for clip in predictions if clip.size_hw is not None]
    return AUC_MAX_OF_FRAME * max(sides) if sides else float(max(distances_px))


def jitter_px(predictions) -> float | None:
    """Measures how predictions tremble: the mean length of their second difference.

    Args:
      predictions: list of `ClipPredictions`; labels are not looked at.

    Returns:
      Mean over joints and runs of three consecutive frames of |p(t−1) − 2·p(t) + p(t+1)| in px; None where there is no
      such run. True movement adds to it, so compare runs on the same clips.
    """
    lengths = []
    for clip in predictions:
        steps = np.diff(clip.frames)
        runs = (steps[:-1] == 1) & (steps[1:] == 1)
        second = np.diff(clip.predicted.astype(np.float64), n=2, axis=0)
        lengths.append(np.linalg.norm(second[runs[: len(second)]], axis=-1).ravel())
    lengths = np.concatenate(lengths)
    return float(lengths.mean()) if len(lengths) else None


def _per_joint(measures, sums, counts, errors, skeleton):
    per_joint = {}
    for j, name in enumerate(skeleton.joints):
        figures = _figures(measures.keys, group_means(sums, counts, (j,))[0])
        per_joint[name] = {
            "mean_error_px": figures.pop("mean_error_px"),
            "median_error_px": _median(errors[:, j]),
            **figures,
            "num_labelled": int(np.isfinite(errors[:, j]).sum()),
        }
    return per_joint


def _by_visibility(predictions, errors, distances_px):
    visibility = np.concatenate([clip.visibility for clip in predictions])
    result = {}
    for name, value in (("visible", VISIBLE), ("hidden", HIDDEN)):
        chosen = errors[visibility == value]
        keys = ["mean_error_px", *(f"accuracy_px/{d:g}" for d in distances_px)]
        means = [chosen.mean(), *((chosen <= d).mean() for d in distances_px)] if len(chosen) else [None] * len(keys)
        result[name] = {"num_labelled_joints": len(chosen), **_figures(keys, means)}
    return result


def _figures(keys, values):
    return nest(keys, [float(v) if v is not None and np.isfinite(v) else None for v in values])


def _median(errors):
    known = errors[np.isfinite(errors)]
    return float(np.median(known)) if len(known) else None
