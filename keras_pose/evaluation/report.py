"""Writes an evaluation: metrics.json, predictions.npz, the pictures and index.html, each whole or not at all."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose import files
from keras_pose.confidence.calibration import Calibration
from keras_pose.evaluation import bootstrap, page, predictions, shown_part, worst_frames
from keras_pose.evaluation.accuracy import DISTANCES_PX, score
from keras_pose.evaluation.accuracy_curves import accuracy_curves
from keras_pose.evaluation.calibration_page import reliability_picture
from keras_pose.evaluation.calibration_scores import score_calibration
from keras_pose.evaluation.config import PCK_FRACTIONS
from keras_pose.evaluation.measure_table import PckReference, number_key
from keras_pose.evaluation.measures import joint_groups
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton
from keras_pose.viz.curves import draw_accuracy_curves
from keras_pose.viz.pictures import save_png

MAIN_DISTANCE_PX = 6  # BBC Pose reports wrists within 6 px


def write_report(
    eval_dir: str | os.PathLike,
    runs: Mapping[str, Sequence[ClipPredictions]],
    skeleton: Skeleton,
    read_frame: Callable[[str, int], np.ndarray] | None = None,
    pck_reference: PckReference = "frame",
    distances_px: Sequence[float] = DISTANCES_PX,
    title: str = "Evaluation",
    scored: dict[str, Any] | None = None,
    num_pictures: int = 12,
    resamples: int = bootstrap.RESAMPLES,
    seed: int = 0,
    more_pictures: Mapping[str, tuple[np.ndarray, str, str]] | None = None,
    calibrations: Mapping[str, Calibration | str] | None = None,
    fitted_on: Sequence[str] = (),
    other_errors: Mapping[str, float | int] | None = None,
    pck_fractions: Sequence[float] = PCK_FRACTIONS,
    part_of_show: str = "",
    sections: str = "",
    temporal_gains: Mapping[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Scores runs and writes all files of the evaluation.

    With several runs, metrics.json holds the first one's figures, every run's under "runs", and each other run's
    difference from the first under "paired_differences"; the pictures of frames are the first run's.

    Args:
      eval_dir: str or path-like, folder to write to.
      runs: dict name -> list of `ClipPredictions`; several runs must have the same clips, frames and labels.
      skeleton: `Skeleton` of all of them.
      read_frame: function (clip name, frame index) -> uint8 RGB [H, W, 3]; None: no pictures of frames.
      pck_reference: see `reference_lengths.resolve`.
      distances_px: distances of "accuracy_px".
      title: str, heading of the page.
      scored: dictionary for JSON that metrics.json keeps: what was scored.
      num_pictures: frames in each grid.
      resamples: bootstrap resamples, at least 1000.
      seed: int, of the bootstrap and of the random frames.
      more_pictures: dict file name -> (uint8 [H, W, 3], heading, text for people who cannot see it), shown at the end.
      calibrations: dict name of run -> its `Calibration`, or the reason why it has none; None: nothing is said.
      fitted_on: names of the runs whose calibration was fitted to some of these frames.
      other_errors: what `other_parts.describe_errors` returned for the first run.
      pck_fractions: fractions of the reference that PCK is reported at; 0.1 must be among them.
      part_of_show: HTML for the end of the page (`shown_part`).
      sections: further HTML for the end of the page.
      temporal_gains: dict name of run -> what `temporal_gain.measure` returned, for runs that pool.

    Returns:
      The content of metrics.json.

    Raises:
      ValueError: for no runs, predictions that do not fit the skeleton or each other, or an unusable reference.
    """
    if not runs:
        raise ValueError("expected predictions of at least one run, received none")
    first, *others = runs
    for other in others:
        _check_comparable(first, other, runs)
    scores = {
        name: score(clips, skeleton, pck_reference, distances_px, pck_fractions, resamples=resamples, seed=seed)
        for name, clips in runs.items()
    }
    for name, calibration in (calibrations or {}).items():
        scores[name]["calibration"] = (
            {"reason": calibration}
            if isinstance(calibration, str)
            else score_calibration(runs[name], calibration, name in fitted_on, resamples, seed)
        )
    for name, gain in (temporal_gains or {}).items():
        scores[name]["temporal_gain"] = gain
    scores[first] = {**scores[first], **(other_errors or {})}
    metrics = {**scores[first], **({"scored": scored} if scored else {})}
    if others:
        metrics["runs"] = scores
        metrics["paired_differences"] = _differences(runs, skeleton, scores[first], resamples, seed)
    # Pictures are made before anything is written: an error leaves the folder as it was.
    pictures = _draw_pictures(runs, skeleton, read_frame, scores, num_pictures, resamples, seed)
    pictures.update(more_pictures or {})
    for name, file_name in zip(runs, _prediction_files(runs)):
        predictions.save(os.path.join(eval_dir, file_name), skeleton, runs[name])
    for file_name, (picture, _, _) in pictures.items():
        save_png(os.path.join(eval_dir, file_name), picture)
    files.write_json(os.path.join(eval_dir, "metrics.json"), metrics)
    html = page.build_page(title, scores, metrics.get("paired_differences", []), pictures, _main_distance(distances_px))
    html = page.add_sections(html, sections)
    html = shown_part.insert(html, part_of_show) if part_of_show else html
    files.write_text(os.path.join(eval_dir, shown_part.PAGE), html)
    return metrics


def _draw_pictures(runs, skeleton, read_frame, scores, count, resamples, seed):
    """Returns dict of file name -> (picture, heading, text for people who cannot see it)."""
    first, clips = next(iter(runs.items()))
    limits = scores[first]["confidence_intervals"]
    band = f"bands: {100 * limits['level']:g} % bootstrap intervals, {limits['unit']} drawn with replacement"
    band += " (a lower bound of the uncertainty)" if limits["lower_bound"] else ""
    max_px = max(of["auc_max_px"] for of in scores.values())
    curves = {
        name: accuracy_curves(run, skeleton, max_px, resamples=resamples, seed=seed) for name, run in runs.items()
    }
    heading = "Accuracy against distance"
    text = "Share of joints within a distance, by group of joints"
    pictures = {"curves.png": (draw_accuracy_curves(curves, heading, band), heading, text)}
    reliability = reliability_picture(scores[first].get("calibration"), first if len(runs) > 1 else "")
    if reliability is not None:
        pictures["reliability.png"] = reliability
    if read_frame is None:
        return pictures
    suffix = f" of {first}" if len(runs) > 1 else ""
    per_clip = max(2, -(-count // len(clips)))  # few clips: more of each
    choices = {
        "worst_frames.png": ("Worst frames", worst_frames.choose_worst(clips, count, per_clip)),
        "random_frames.png": ("Random frames", worst_frames.choose_random(clips, count, seed)),
    }
    for file_name, (heading, chosen) in choices.items():
        if chosen:
            picture = worst_frames.draw_choices(chosen, clips, skeleton, read_frame, heading + suffix)
            pictures[file_name] = (picture, heading, "Frames with true and predicted joints")
    return pictures


def _differences(runs, skeleton, first_scores, resamples, seed):
    first, *others = runs
    main = f"accuracy_px/{number_key(_main_distance(first_scores['accuracy_px']))}"
    asked = [("mean_error_px", None), (main, None), ("pck/0.1", None)]
    asked += [(main, group) for group in joint_groups(skeleton)]
    options = {"pck_reference": first_scores["pck"]["reference"], "resamples": resamples, "seed": seed}
    return [
        {
            "run": other,
            "against": first,
            **bootstrap.paired_difference(runs[other], runs[first], metric, skeleton, group, **options),
        }
        for other, (metric, group) in itertools.product(others, asked)
    ]


def _check_comparable(first, other, runs):
    try:
        bootstrap.check_paired(runs[first], runs[other])
    except ValueError as error:
        raise ValueError(f"runs {first!r} and {other!r} cannot be compared: {error}") from error


def _main_distance(distances_px):
    """Returns the distance nearest to `MAIN_DISTANCE_PX`: the one at the top of the page."""
    return min((float(d) for d in distances_px), key=lambda d: abs(d - MAIN_DISTANCE_PX))


def _prediction_files(runs):
    """Returns the name of each run's prediction file; the first one's is predictions.npz."""
    names = ["predictions.npz"]
    for number, run in list(enumerate(runs, start=1))[1:]:
        safe = re.sub(r"[^A-Za-z0-9.-]+", "-", run).strip("-.")[:60]
        names.append(f"predictions_{number}{'_' + safe if safe else ''}.npz")
    return names
