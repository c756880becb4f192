"""Scores trained runs on clips: predicts every labelled frame, writes figures and pictures."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keras_pose import console
from keras_pose.confidence.calibration import Calibration
from keras_pose.data.clip import Clip
from keras_pose.evaluation import (
    calibrating,
    chosen_clips,
    other_parts,
    predicted_labels,
    report,
    run_predictions,
    shown_part,
    temporal_gain,
    temporal_strip,
)
from keras_pose.evaluation.beside_frame import BesideFrame
from keras_pose.evaluation.choice_section import choice_section
from keras_pose.evaluation.chosen_clips import Chosen
from keras_pose.evaluation.config import PCK_FRACTIONS, EvaluateConfig
from keras_pose.evaluation.pooling_picture import pooling_pictures
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.evaluation.run_predictions import predict_and_show, predict_clips
from keras_pose.inference.loading import load_predictor
from keras_pose.runs import run_directory, temporal_choice
from keras_pose.skeleton import same_joints

__all__ = ["describe_calibration", "evaluate", "predict_clips", "score_chosen", "score_runs"]


def evaluate(config: EvaluateConfig, echo: Callable[[str], None] = console.show) -> dict[str, Any]:
    """Scores one or several runs on the same clips, as `evaluate.py` does.

    Args:
      config: what to score, and on what.
      echo: function that shows a line of text.

    Returns:
      The contents of `metrics.json` for the first run.

    Raises:
      ValueError: if the runs have different skeletons, or the data does not fit.
    """
    return score_chosen(chosen_clips.choose(config, echo), config, echo)


def score_chosen(chosen: Chosen, config: EvaluateConfig, echo: Callable[[str], None] = console.show) -> dict[str, Any]:
    """Scores runs on what `chosen_clips.choose` found. Further arguments and result as for `evaluate`."""
    return score_runs(
        chosen.run_dirs,
        chosen.clips,
        chosen.data,
        chosen.part,
        config.eval_dir,
        config.pck_reference,
        flip_test=config.flip_test,
        confidence_distance=config.confidence_distance,
        echo=echo,
        parts=other_parts.sample_parts(chosen.parts, chosen.part, config.other_frames),
        pck_fractions=config.all_pck_fractions,
    )


def score_runs(
    run_dirs: Sequence[str],
    clips: Sequence[Clip],
    data: str,
    part: str,
    eval_dir: str = "",
    pck_reference: str = "frame",
    flip_test: bool = False,
    confidence_distance: float = 0.0,
    validation: Sequence[Clip] | None = None,
    echo: Callable[[str], None] = console.show,
    parts: Mapping[str, Sequence[Clip]] | None = None,
    pck_fractions: Sequence[float] = PCK_FRACTIONS,
) -> dict[str, Any]:
    """Scores runs on clips and writes figures, pictures and predicted labels.

    Args:
      run_dirs: runs of the same skeleton.
      clips: clips with labels.
      data: the source of the clips, for the page and metrics.json.
      part: a name for the chosen frames, for the same.
      eval_dir: folder to write to; by default `eval/` of the first run.
      pck_reference: see `evaluation.reference_lengths`.
      flip_test: see `Predictor`.
      confidence_distance: see `calibrating.calibrate_run`.
      validation: the validation frames of the runs, if they are open already.
      echo: function that shows a line of text.
      parts: other clips of the first run to predict, by the name of their part (`other_parts.sample_parts`).
      pck_fractions: fractions of the reference that PCK is reported at.

    Returns:
      The contents of `metrics.json` for the first run.

    Raises:
      ValueError: if two runs have the same name or different joints.
    """
    run, _, skeleton = run_directory.open_run(run_dirs[0])
    eval_dir = eval_dir or run.eval
    names = chosen_clips.check_names(run_dirs)
    # Predict with each run.
    predictors = _load_predictors(run_dirs, names, skeleton, flip_test)
    found: dict[str, list[ClipPredictions]] = {}
    beside: dict[str, list[BesideFrame]] = {}  # of runs that pool
    calibrations: dict[str, Calibration | str] = {}
    for name, path in zip(names, run_dirs):
        doing = "predicting" if len(names) == 1 else f"predicting with {name}"
        found[name], both = run_predictions.predict_run(predictors[name], clips, doing, echo)
        if both is not None:
            beside[name] = both
        calibrations[name] = "confidences are about predictions without --flip_test"
        if not flip_test:
            predict = functools.partial(run_predictions.predict_validation, path, predictors[name], validation, echo)
            calibration, reason = calibrating.calibrate_run(path, predict, confidence_distance, echo)
            calibrations[name] = calibration or reason
    others = {
        name: predict_and_show(predictors[names[0]], members, f"predicting {name} frames", echo)
        for name, members in (parts or {}).items()
    }
    # Write figures and pictures.
    gains = {
        name: temporal_gain.measure(predictors[name], both, clips, skeleton) for name, both in beside.items() if both
    }
    part_of_show, note = shown_part.read(eval_dir, run.weights)
    if note:
        echo(note)
    metrics = report.write_report(
        eval_dir,
        found,
        skeleton,
        _frame_reader(clips),
        pck_reference=pck_reference,
        pck_fractions=pck_fractions,
        title=f"{', '.join(names)} on {data}, {part}",
        scored={"runs": list(run_dirs), "data": data, "part": part},
        more_pictures={
            **temporal_strip.draw_cases(predictors, beside, clips, skeleton),
            **pooling_pictures(predictors),
        },
        calibrations=calibrations,
        fitted_on=[
            n for n, path in zip(names, run_dirs) if chosen_clips.count_frames_of(path, "validation", data, clips)
        ],
        other_errors=other_parts.describe_errors(others),
        part_of_show=part_of_show,
        sections=choice_section(temporal_choice.read(run.path)),
        temporal_gains=gains,
    )
    labelled = {part.partition(" ")[0]: (found[names[0]], clips)}
    labelled.update({name: (predicted, (parts or {})[name]) for name, predicted in others.items()})
    _write_labels(os.path.join(eval_dir, predicted_labels.FOLDER), labelled, skeleton, names[0])
    for line in _describe(metrics, part, eval_dir, gains.get(names[0])):
        echo(line)
    return metrics


def _load_predictors(run_dirs, names, skeleton, flip_test):
    """Returns the predictor of each run by its name; all have the joints of the first."""
    found: dict[str, Any] = {}
    for name, path in zip(names, run_dirs):
        found[name] = load_predictor(path, flip_test)
        if not same_joints(found[name].skeleton, skeleton):
            raise ValueError(f"--run_dir: {path} has other joints than {run_dirs[0]}")
    return found


def _frame_reader(clips):
    """Returns a function of the name of a clip and the position of a frame to the frame."""
    by_name = {clip.name: clip for clip in clips}
    return lambda name, position: by_name[name].frames.read([position])[0]


def _write_labels(folder, labelled, skeleton, scorer):
    """Writes predictions as labels: {part: (predictions, clips)}."""
    for part, (predictions, clips) in labelled.items():
        members = {clip.name: clip for clip in clips}
        predicted_labels.write_predicted_labels(folder, part, predictions, members, skeleton, scorer)


def _describe(metrics, part, eval_dir, gain):
    """Returns lines with the figures of the first run."""
    lines = [f"{_describe_error(metrics)} on {metrics['num_frames']} {part}: {eval_dir}/index.html"]
    lines.append(describe_calibration(metrics["calibration"]))
    if gain is not None:
        lines.append(temporal_gain.describe(gain))
    if "train_mean_error_px" in metrics:
        lines.append(f"mean error on training frames: {metrics['train_mean_error_px']:.2f} px")
    return lines


def _describe_error(metrics):
    """Returns the mean error and its interval as text; the page says what the interval resamples."""
    limits = metrics["confidence_intervals"]
    if limits["mean_error_px"] is None:
        return "mean error unknown"
    low, high = limits["mean_error_px"]
    bound = ", at least" if limits["lower_bound"] else ""
    interval = f"{100 * limits['level']:g} % interval {low:.2f} to {high:.2f}{bound}"
    return f"mean error {metrics['mean_error_px']:.2f} px of the frame ({interval})"


def describe_calibration(figures: dict[str, Any]) -> str:
    """Returns the calibration part of metrics.json as a line of text."""
    if "reason" in figures:
        return f"no calibrated confidences: {figures['reason']}"
    text = (
        f"confidences: calibration error {figures['ece']:.3f} (plain score {figures['uncalibrated']['ece']:.3f}) for "
        f"a distance of {100 * figures['distance']:g} % of the longer side"
    )
    return f"{text}; fitted to some of these frames" if figures["fitted"]["on_these_frames"] else text
