"""Do confidences mean what they say? `python -m benchmarks.calibration --run_dirs=<run>[,<run>…] [--targets=0.03,0.06]
[--distance=0.025] [--quick] [--json=<file>]`

For each run, a calibration is fitted to its validation frames and judged on what it kept out of training; nothing in
the run is changed. Reported are the calibration errors (10 bins of equal numbers; fewer for few joints), plain and less
what chance adds, and the Brier scores, each beside those of the plain score; and mean errors, expected and true. For
nets for single frames also: how many joints are ambiguous, their mean error beside that of the others, and whether the
width of the peak (its second moment) tells joints beyond the distance from others better than the height alone: areas
under the ROC curve of two logistic regressions, fitted to validation frames.

Intervals are 95 % bootstrap intervals over clips, or over blocks of frames if there are fewer than five. Resampling
adds chance of its own to a calibration error, so its interval lies rather too high than too low. `--quick` takes every
fifth clip.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.confidence import map_features
from benchmarks.confidence.map_features import MapFeatures
from keras_pose import files
from keras_pose.confidence import fitting
from keras_pose.confidence.calibration import DISTANCE, Calibration, check_distance
from keras_pose.evaluation import calibration_scores, chosen_clips, scoring
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.inference.loading import make_predictor
from keras_pose.inference.predictor import Predictor
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import trained

_RESAMPLES = 1000


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line; `run_dirs` becomes a list, `targets` a list of as many targets or None."""
    parser = harness.make_parser("Calibration of confidences on frames that runs kept out of training.")
    parser.add_argument("--run_dirs", required=True, help="Runs, separated by commas.")
    parser.add_argument("--targets", default="", help="Largest calibration error of each run, separated by commas.")
    parser.add_argument(
        "--distance",
        type=float,
        default=DISTANCE,
        help="Fraction of the longer side of the frame. Default: %(default)s.",
    )
    arguments = parser.parse_args(argv)
    arguments.run_dirs = [os.path.normpath(path) for path in files.split_paths(arguments.run_dirs)]
    try:
        check_distance(arguments.distance, "--distance")
        targets = [f"<= {float(part):g}" for part in filter(None, arguments.targets.split(","))]
    except ValueError as error:
        parser.error(str(error))
    arguments.targets = targets or [None] * len(arguments.run_dirs)
    if len(arguments.targets) != len(arguments.run_dirs):
        parser.error(f"--targets: expected {len(arguments.run_dirs)} numbers, received {len(arguments.targets)}")
    return arguments


def fit(predictions: Sequence[ClipPredictions], skeleton: Any, distance: float) -> Calibration:
    """Fits a calibration to predictions of validation frames, as training does.

    Raises:
      ValueError: if there are too few labels, or the net gives no scores.
    """
    found = calibration_scores.gather(predictions)
    return fitting.fit(skeleton.joints, found.scores, found.errors, found.sessions, distance, skeleton.flip_pairs)


def calibration_rows(name: str, figures: dict[str, Any], target: str | None) -> list[Row]:
    """Returns the rows of a run.

    Args:
      name: name of the run.
      figures: what `calibration_scores.score_calibration` returned.
      target: target of the calibration error, or None.
    """
    limits = figures["confidence_intervals"]
    rows = []
    for kind, of, ends, goal in (
        ("calibrated", figures, limits, target),
        ("plain score", figures["uncalibrated"], limits["uncalibrated"], None),
    ):
        low, high = ends["ece"] or (None, None)
        rows.append(Row(f"{name}, {kind}, calibration error", of["ece"], "", low, high, goal))
        rows.append(Row(f"{name}, {kind}, calibration error less chance", of["ece_debiased"], ""))
        rows.append(Row(f"{name}, {kind}, Brier score", of["brier"], "", *(ends["brier"] or ())))
    errors = figures["expected_errors"]
    rows.append(Row(f"{name}, joints within the distance", 100 * figures["share_within"], "%"))
    rows.append(Row(f"{name}, expected error, mean", 100 * errors["mean_expected"], "% of the side"))
    rows.append(Row(f"{name}, true error, mean", 100 * errors["mean_error"], "% of the side"))
    return rows


def map_rows(name: str, fitted: MapFeatures, judged: MapFeatures, distance: float) -> list[Row]:
    """Returns the rows about second modes and the width of peaks.

    Args:
      name: name of the run.
      fitted: labelled joints of the validation frames.
      judged: labelled joints of the frames to judge on.
      distance: fraction of the longer side of the frame.
    """
    labelled = np.isfinite(judged.errors)
    ambiguous = judged.ambiguous[labelled]
    errors = judged.errors[labelled]
    rows = [
        Row(f"{name}, frames with an ambiguous joint", 100 * judged.ambiguous.any(1).mean(), "%"),
        Row(f"{name}, ambiguous joints", 100 * ambiguous.mean(), "%"),
        Row(f"{name}, mean error of other joints", 100 * errors[~ambiguous].mean(), "% of the side"),
    ]
    if ambiguous.any():
        rows.append(Row(f"{name}, mean error of ambiguous joints", 100 * errors[ambiguous].mean(), "% of the side"))

    # Height alone against height and width, on the same resamples of clips.
    is_far = errors > distance
    by_height, by_both = (map_features.predict_far(fitted, judged, distance, wide) for wide in (False, True))
    gain = map_features.separation(by_both, is_far) - map_features.separation(by_height, is_far)
    of_clip = judged.clips[np.nonzero(labelled)[0]]
    members = [np.flatnonzero(of_clip == clip) for clip in np.unique(of_clip)]
    rng = np.random.default_rng(0)
    gains = []
    for _ in range(_RESAMPLES):
        drawn = np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
        if is_far[drawn].any():
            both, alone = (map_features.separation(values[drawn], is_far[drawn]) for values in (by_both, by_height))
            gains.append(both - alone)
    low, high = np.percentile(gains, (2.5, 97.5)) if gains else (None, None)
    rows.append(Row(f"{name}, area under ROC, height", map_features.separation(by_height, is_far), ""))
    rows.append(Row(f"{name}, gain of the peak's width", gain, "", low, high))
    return rows


def measure_run(run_dir: str, distance: float, target: str | None, quick: bool) -> list[Row]:
    """Returns all rows of a run.

    Args:
      run_dir: folder of the run.
      distance: fraction of the longer side of the frame.
      target: target of the calibration error, or None.
      quick: whether to take every fifth clip only.
    """
    name = os.path.basename(run_dir)
    model, config, skeleton = trained.load_model(run_dir)
    predictor = make_predictor(model, config, skeleton)
    with tempfile.TemporaryDirectory() as notes:  # on the data, which would otherwise go into the run
        _, part, judged = chosen_clips.choose_clips(run_dir, EvaluateConfig(run_dir=run_dir, eval_dir=notes))
    step = 5 if quick else 1
    judged = judged[::step]
    validation = chosen_clips.open_validation(run_dir)[::step]
    calibration = fit(scoring.predict_clips(predictor, validation), skeleton, distance)
    predictions = scoring.predict_clips(predictor, judged)
    figures = calibration_scores.score_calibration(predictions, calibration, part == "validation frames")
    rows = calibration_rows(name, figures, target)
    if isinstance(predictor, Predictor) and config.model.kind.predicts_heatmaps:
        net = PoseNet(model)
        fitted = map_features.measure(predictor, net, validation)
        rows += map_rows(name, fitted, map_features.measure(predictor, net, judged), distance)
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    rows = []
    for run_dir, target in zip(arguments.run_dirs, arguments.targets):
        rows += measure_run(run_dir, arguments.distance, None if arguments.quick else target, arguments.quick)
    harness.report("calibration", rows, arguments)


if __name__ == "__main__":
    main()
