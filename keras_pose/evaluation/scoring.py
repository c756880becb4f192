"""Scores trained runs on clips: predicts every labelled frame with the best weights, writes figures and pictures."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from keras_pose import files
from keras_pose.data import selection, splits
from keras_pose.data.clip import Clip
from keras_pose.evaluation import report
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.evaluation.pooling_picture import pooling_pictures
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.inference.loading import load_predictor
from keras_pose.runs import run_directory
from keras_pose.skeleton import same_joints


def predict_clips(predictor: Any, clips: Sequence[Clip]) -> list[ClipPredictions]:
    """Predicts all labelled frames of clips.

    Args:
      predictor: `Predictor`, `WindowPredictor`, or another object with their `predict_labelled`.
      clips: the clips; those without labels are left out.
    """
    return [_predict_clip(predictor, clip) for clip in clips if clip.num_labelled]


def evaluate(config: EvaluateConfig, echo: Callable[[str], None] = print) -> dict[str, Any]:
    """Scores one or several runs on the same clips, as `evaluate.py` does.

    Args:
      config: what to score, and on what.
      echo: function that shows a line of text.

    Returns:
      The contents of `metrics.json` for the first run.

    Raises:
      ValueError: if the runs have different skeletons, or the data does not fit.
    """
    paths = config.run_dirs
    if not paths:
        raise ValueError(f"--run_dir: expected one or more runs, received {config.run_dir!r}")
    for path in paths:
        run_directory.open_run(path)
    spec, part, clips = choose_clips(paths[0], config, echo)
    for path in paths:
        warn_if_trained_on(path, spec, clips, echo)
    return score_runs(
        paths, clips, spec, part, config.eval_dir, config.pck_reference, flip_test=config.flip_test, echo=echo
    )


def choose_clips(
    run_dir: str, config: EvaluateConfig, echo: Callable[[str], None] = print
) -> tuple[str, str, list[Clip]]:
    """Chooses what to score: the clips of `--data`, of `--clips`, or what the run kept out of training.

    Args:
      run_dir: the run whose data is scored if `--data` is empty.
      config: what to score.
      echo: function that shows a line of text.

    Returns:
      The source that was opened, a name for the chosen frames, and the labelled clips.

    Raises:
      ValueError: if there is nothing to score, or the data has other joints than the run.
    """
    # Open the source.
    run, trained, skeleton = run_directory.open_run(run_dir)
    split = files.read_json(run.split)
    part = config.subset if config.subset != "auto" else ("test" if split["test"] else "validation")
    own = (trained.data.test_source if part == "test" and not config.clips else "") or trained.data.source
    spec = config.data or own
    flags = {"outside": config.outside, "exif_orientation": config.exif_orientation}
    changed = {name: value for name, value in flags.items() if value != "run"}
    source = selection.open_data(spec, dataclasses.replace(trained.data, on_bad_label=config.on_bad_label, **changed))
    if not same_joints(source.skeleton, skeleton):
        raise ValueError(
            f"--data={spec}: expected the joints of {run_dir} ({', '.join(skeleton.joints)}), received "
            f"{', '.join(source.skeleton.joints)}"
        )
    # Choose the clips that the flags name.
    if config.data or config.clips:
        clips = source.clips
        if config.clips:
            clips = splits.select_clips(clips, splits.read_clip_names(config.clips))
        return spec, "chosen clips" if config.clips else "labelled frames", clips
    # Otherwise a part of the run's own frames.
    echo(f"scoring the {part} frames of {run_dir}")
    clips = [clip.select(np.isin(clip.labelled, split[part].get(clip.session, []))) for clip in source.clips]
    clips = [clip for clip in clips if clip.num_labelled]
    if not clips:
        raise ValueError(f"--subset={part}: {run_dir} has no such frames")
    return spec, f"{part} frames", clips


def warn_if_trained_on(run_dir: str, spec: str, clips: Sequence[Clip], echo: Callable[[str], None] = print) -> None:
    """Shows a note if a run was trained on some of the frames that it is scored on.

    Args:
      run_dir: the run.
      spec: the source of the clips, as `--data`.
      clips: the clips to score on.
      echo: function that shows a line of text.
    """
    run, trained, _ = run_directory.open_run(run_dir)
    if _source_key(spec) != _source_key(trained.data.source):
        return
    train = files.read_json(run.split)["train"]
    seen = sum(int(np.isin(clip.labelled, train.get(clip.session, [])).sum()) for clip in clips)
    if seen:
        echo(f"note: {run_dir} was trained on {seen} of these frames; figures on them say little about new ones")


def score_runs(
    run_dirs: Sequence[str],
    clips: Sequence[Clip],
    data: str,
    part: str,
    eval_dir: str = "",
    pck_reference: str = "frame",
    flip_test: bool = False,
    echo: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Scores runs on clips and writes figures and pictures.

    Args:
      run_dirs: runs of the same skeleton.
      clips: clips with labels.
      data: the source of the clips, for the page and metrics.json.
      part: a name for the chosen frames, for the same.
      eval_dir: folder to write to; by default `eval/` of the first run.
      pck_reference: see `evaluation.reference_lengths`.
      flip_test: see `Predictor`.
      echo: function that shows a line of text.

    Returns:
      The contents of `metrics.json` for the first run.

    Raises:
      ValueError: if two runs have the same name or different joints.
    """
    run, _, skeleton = run_directory.open_run(run_dirs[0])
    eval_dir = eval_dir or run.eval
    names = [os.path.basename(os.path.abspath(path)) for path in run_dirs]
    if len(set(names)) < len(names):
        raise ValueError(f"--run_dir: expected runs of different names, received {', '.join(run_dirs)}")
    by_name = {clip.name: clip for clip in clips}

    def read_frame(name, position):
        return by_name[name].frames.read([position])[0]

    # Predict with each run.
    predictors = {}
    predictions = {}
    for name, path in zip(names, run_dirs):
        predictor = load_predictor(path, flip_test)
        predictors[name] = predictor
        if not same_joints(predictor.skeleton, skeleton):
            raise ValueError(f"--run_dir: {path} has other joints than {run_dirs[0]}")
        predictions[name] = predict_clips(predictor, clips)
    # Write figures and pictures.
    metrics = report.write_report(
        eval_dir,
        predictions,
        skeleton,
        read_frame,
        pck_reference=pck_reference,
        title=f"{', '.join(names)} on {data}, {part}",
        scored={"runs": list(run_dirs), "data": data, "part": part},
        more_pictures=pooling_pictures(predictors),
    )
    echo(f"mean error {metrics['mean_error_px']:.2f} px on {metrics['num_frames']} {part}: {eval_dir}/index.html")
    return metrics


def _source_key(spec):
    """Returns what all names of a source share: the split of the signers, or the real path of a folder or file."""
    return ":".join(spec.split(":")[:2]) if spec.startswith("signers:") else os.path.realpath(spec)


def _predict_clip(predictor, clip):
    joints, scores = predictor.predict_labelled(clip)
    return ClipPredictions(
        name=clip.name,
        frames=clip.labelled,
        predicted=joints,
        scores=scores,
        truth=clip.joints,
        visibility=clip.visibility,
        size_hw=clip.frames.size_hw,
    )
