"""Scores calibrated confidences: what metrics.json says of them, with bootstrap intervals, beside the plain score's.

Letters in shapes: N labelled frames, J joints, S labelled joints, U rows that the bootstrap draws, B bins, R resamples.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_pose.confidence import reliability
from keras_pose.confidence.calibration import Calibration
from keras_pose.evaluation import bootstrap, resampling
from keras_pose.evaluation.predictions import ClipPredictions

_CHUNK = 4_000_000  # weights drawn at a time: 32 MB


@dataclasses.dataclass(frozen=True)
class LabelledScores:
    """Scores and errors of the labelled frames of several clips, session by session in the order of the frames.

    Args:
      scores: float64 [N, J]; NaN: none.
      errors: float64 [N, J], fractions of the longer side of the frame; NaN: unlabelled.
      sessions: int [N], the session of each frame, from 0.
      groups: int [N], the group of each frame, from 0; the session if there are no groups.
      unit: what a bootstrap draws, see `resampling.choose_unit`.
    """

    scores: np.ndarray
    errors: np.ndarray
    sessions: np.ndarray
    groups: np.ndarray
    unit: str


def gather(predictions: Sequence[ClipPredictions]) -> LabelledScores:
    """Gathers scores and errors. Clips whose frame size is unknown are left out: their errors have no fraction.

    Args:
      predictions: list of `ClipPredictions`, at least one.
    """
    num_joints = predictions[0].num_joints
    by_session: dict[str, list[tuple[ClipPredictions, np.ndarray]]] = {}
    clips = [clip for clip in predictions if clip.size_hw is not None and np.isfinite(clip.errors_px()).any()]
    for clip in clips:
        by_session.setdefault(clip.session_name, []).append((clip, np.isfinite(clip.errors_px()).any(1)))
    scores = [np.zeros((0, num_joints))]
    errors = [np.zeros((0, num_joints))]
    for group in by_session.values():
        order = np.argsort(np.concatenate([clip.frames[rows] for clip, rows in group]), kind="stable")
        scores.append(np.concatenate([clip.scores[rows] for clip, rows in group])[order])
        of_group = [clip.errors_px()[rows] / clip.seen_side_px for clip, rows in group]
        errors.append(np.concatenate(of_group)[order])
    of_frames = np.repeat(np.arange(len(by_session)), [len(part) for part in scores[1:]])
    group_names = [group[0][0].group_name for group in by_session.values()]
    of_sessions = np.unique(group_names, return_inverse=True)[1].astype(int)
    return LabelledScores(
        scores=np.concatenate(scores).astype(np.float64),
        errors=np.concatenate(errors),
        sessions=of_frames,
        groups=of_sessions[of_frames],
        unit=resampling.choose_unit([clip.session_name for clip in clips], [clip.group_name for clip in clips]),
    )


def score_calibration(
    predictions: Sequence[ClipPredictions],
    calibration: Calibration,
    on_fitted_frames: bool = False,
    resamples: int = bootstrap.RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Scores a calibration on predictions.

    Args:
      predictions: list of `ClipPredictions`, at least one.
      calibration: `Calibration` of their joints.
      on_fitted_frames: whether it was fitted to some of these frames; the page says so then.
      resamples: bootstrap resamples, at least 1000.
      seed: int, seed of the bootstrap.

    Returns:
      Dictionary ready for JSON: "distance" and "expected_errors" (fractions of the longer side of the frame),
      "ece", "ece_debiased" and "brier" of the probabilities, "diagram", the same of the plain score under
      "uncalibrated", "confidence_intervals", "fitted"; {"reason"} if there is nothing to score.
    """
    found = gather(predictions)
    rows, columns = np.nonzero(np.isfinite(found.errors) & np.isfinite(found.scores))
    if not len(rows):
        return {"reason": "no labelled joint with a score"}
    errors = found.errors[rows, columns]
    within = errors <= calibration.distance
    units, draw = _plan_draws(found, rows, resamples, seed)

    # Probabilities, and beside them the plain scores as if they were probabilities.
    probabilities = calibration.probabilities(found.scores)[rows, columns]
    own, limits = _judge(probabilities, within, units, draw)
    raw, raw_limits = _judge(np.clip(found.scores, 0, 1)[rows, columns], within, units, draw)
    expected = calibration.expected_errors(found.scores)[rows, columns]
    return {
        "distance": calibration.distance,
        "num_frames": len(np.unique(rows)),
        "num_labelled_joints": len(rows),
        "share_within": float(within.mean()),
        **own,
        "uncalibrated": raw,
        "expected_errors": _compare_errors(expected, errors),
        "confidence_intervals": {"level": bootstrap.LEVEL, "unit": found.unit, **limits, "uncalibrated": raw_limits},
        "fitted": {
            "num_frames": calibration.num_frames,
            "num_clips": calibration.num_clips,
            "num_labelled_joints": calibration.num_labelled,
            "spread": calibration.spread,
            "on_these_frames": on_fitted_frames,
        },
    }


def _plan_draws(found, rows, resamples, seed):
    """Returns the row of the bootstrap, int [S], that each labelled joint is in, and a function that draws weights."""
    if found.unit != resampling.BLOCKS:
        of_frames = found.groups if found.unit == resampling.GROUPS else found.sessions
        num_rows = int(of_frames.max()) + 1
        units = of_frames[rows]
        lengths, length = (), 1
    else:
        num_rows = len(found.sessions)
        units = rows
        lengths = np.bincount(found.sessions).tolist()
        series = np.split(np.nanmean(found.errors, axis=1), np.cumsum(lengths)[:-1])
        length = resampling.block_length(series)

    def draw():
        rng = np.random.default_rng(seed)
        size = max(1, min(resamples, _CHUNK // num_rows))
        for start in range(0, resamples, size):
            count = min(size, resamples - start)
            yield resampling.draw_weights(rng, count, num_rows, length, lengths)

    return units, draw


def _judge(probabilities, within, units, draw):
    """Returns the figures of probabilities [S], and their intervals."""
    bins = reliability.bin_of(probabilities)
    sums = reliability.bin_sums(probabilities, within, bins)
    points = reliability.diagram(sums)
    figures = {
        "ece": float(reliability.calibration_error(sums)),
        "ece_debiased": float(reliability.debiased_error(sums)),
        "brier": reliability.brier_score(probabilities, within),
        "diagram": {name: value.tolist() for name, value in dataclasses.asdict(points).items()},
    }
    # The bins stay those of all joints; each resample weighs the rows again.
    squares = np.bincount(units, (probabilities - within) ** 2)
    counts = np.bincount(units).astype(np.float64)
    by_unit = reliability.bin_sums(probabilities, within, bins, units)
    draws: dict[str, list[np.ndarray]] = {"ece": [], "brier": []}
    for weights in draw():
        weights = weights[:, : len(counts)]  # rows at the end may have no joint with a score
        draws["ece"].append(reliability.calibration_error(np.tensordot(weights, by_unit, 1)))
        draws["brier"].append((weights @ squares) / np.maximum(weights @ counts, 1))
    limits = {
        name: bootstrap.limits(np.concatenate(parts)[:, None], bootstrap.LEVEL)[0] for name, parts in draws.items()
    }
    return figures, limits


def _compare_errors(expected, errors):
    """Returns the mean expected and the mean true error in bins of rising expected error, and over all joints."""
    bins = reliability.bin_of(expected)
    counts = np.bincount(bins)
    return {
        "mean_expected": float(expected.mean()),
        "mean_error": float(errors.mean()),
        "expected": (np.bincount(bins, expected) / counts).tolist(),
        "observed": (np.bincount(bins, errors) / counts).tolist(),
        "counts": counts.tolist(),
    }
