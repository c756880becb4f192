"""Scores trained runs on clips: predicts every labelled frame with the best weights, writes figures and pictures."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keras_pose import console
from keras_pose.confidence import fitting
from keras_pose.confidence.calibration import Calibration
from keras_pose.data.clip import Clip
from keras_pose.evaluation import (
    beside_frame,
    calibrating,
    chosen_clips,
    other_parts,
    predicted_labels,
    report,
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
from keras_pose.inference.loading import load_predictor
from keras_pose.runs import run_directory, temporal_choice
from keras_pose.skeleton import same_joints


def predict_clips(
    predictor: Any, clips: Sequence[Clip], report_frames: Callable[[int], None] | None = None
) -> list[ClipPredictions]:
    """Predicts all labelled frames of clips.

    Args:
      predictor: `Predictor`, `WindowPredictor`, or another object with their `predict_labelled`.
      clips: the clips; those without labels are left out.
      report_frames: function that is called with a number of frames when these have been predicted.
    """
    return [_predict_clip(predictor, clip, report_frames) for clip in clips if clip.num_labelled]


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
    by_name = {clip.name: clip for clip in clips}

    def read_frame(name, position):
        return by_name[name].frames.read([position])[0]

    # Predict with each run.
    predictors: dict[str, Any] = {}
    predictions = {}
    beside: dict[str, list[BesideFrame]] = {}  # of runs that pool
    calibrations: dict[str, tuple[Calibration | None, str]] = {}
    for name, path in zip(names, run_dirs):
        predictor = load_predictor(path, flip_test)
        predictors[name] = predictor
        if not same_joints(predictor.skeleton, skeleton):
            raise ValueError(f"--run_dir: {path} has other joints than {run_dirs[0]}")
        doing = "predicting" if len(names) == 1 else f"predicting with {name}"
        if beside_frame.pools(predictor):
            beside[name] = _predict_and_show(predictor, clips, doing, echo, beside_frame.predict)
            predictions[name] = [of.pooled for of in beside[name]]
        else:
            predictions[name] = _predict_and_show(predictor, clips, doing, echo)
        if flip_test:
            calibrations[name] = (None, "confidences are about predictions without --flip_test")
            continue
        predict = functools.partial(_predict_validation, path, predictor, validation, echo)
        calibrations[name] = calibrating.calibrate_run(path, predict, confidence_distance, echo)
    others = {
        name: _predict_and_show(predictors[names[0]], members, f"predicting {name} frames", echo)
        for name, members in (parts or {}).items()
    }
    gains = {
        name: temporal_gain.measure(predictors[name], found, clips, skeleton) for name, found in beside.items() if found
    }
    strips = temporal_strip.draw_cases(predictors, beside, clips, skeleton)
    # Write figures and pictures.
    part_of_show, note = shown_part.read(eval_dir, run.weights)
    if note:
        echo(note)
    metrics = report.write_report(
        eval_dir,
        predictions,
        skeleton,
        read_frame,
        pck_reference=pck_reference,
        pck_fractions=pck_fractions,
        title=f"{', '.join(names)} on {data}, {part}",
        scored={"runs": list(run_dirs), "data": data, "part": part},
        more_pictures={**strips, **pooling_pictures(predictors)},
        calibrations={name: calibration or reason for name, (calibration, reason) in calibrations.items()},
        fitted_on=[
            n for n, path in zip(names, run_dirs) if chosen_clips.count_frames_of(path, "validation", data, clips)
        ],
        other_errors=other_parts.describe_errors(others),
        part_of_show=part_of_show,
        sections=choice_section(temporal_choice.read(run.path)),
        temporal_gains=gains,
    )
    folder = os.path.join(eval_dir, predicted_labels.FOLDER)
    for name, found in {part.partition(" ")[0]: predictions[names[0]], **others}.items():
        members = {clip.name: clip for clip in (parts or {}).get(name, clips)}
        predicted_labels.write_predicted_labels(folder, name, found, members, skeleton, names[0])
    echo(f"{_describe_error(metrics)} on {metrics['num_frames']} {part}: {eval_dir}/index.html")
    echo(describe_calibration(metrics["calibration"]))
    if names[0] in gains:
        echo(temporal_gain.describe(gains[names[0]]))
    if "train_mean_error_px" in metrics:
        echo(f"mean error on training frames: {metrics['train_mean_error_px']:.2f} px")
    return metrics


def _predict_and_show(predictor, clips, doing, echo, predict=None):
    """Predicts clips with `predict` (by default `_predict_clip`) and shows how far it is."""
    meter = console.Meter(doing, sum(clip.num_labelled for clip in clips), "frames", console.LiveLine(echo=echo))
    found = [(predict or _predict_clip)(predictor, clip, meter.advance) for clip in clips if clip.num_labelled]
    meter.close()
    return found


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


def _predict_validation(run_dir, predictor, clips, echo):
    """Predicts the validation frames of a run, `clips` if they are open already."""
    try:
        clips = chosen_clips.open_validation(run_dir) if clips is None else clips
    except (ValueError, OSError) as error:
        raise fitting.CannotCalibrateError(f"the validation frames cannot be read: {error}") from error
    return _predict_and_show(predictor, clips, "predicting the validation frames", echo)


def _predict_clip(predictor, clip, report_frames):
    options = {} if report_frames is None else {"report_frames": report_frames}
    return ClipPredictions.of_clip(clip, *predictor.predict_labelled(clip, **options))
