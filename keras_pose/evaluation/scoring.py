"""Scores a trained run on clips: best weights, predictions of every labelled frame, figures and pictures."""

from __future__ import annotations

import dataclasses
import os

import numpy as np

from keras_pose import files
from keras_pose.data import selection, splits
from keras_pose.evaluation import report
from keras_pose.evaluation.pooling_picture import pooling_pictures
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.inference.loading import load_predictor
from keras_pose.runs import run_directory
from keras_pose.skeleton import same_joints


def predict_clips(predictor, clips) -> list[ClipPredictions]:
    """Predicts all labelled frames of clips.

    Args:
      predictor: `Predictor` or `WindowPredictor`.
      clips: list of `Clip`.
    """
    return [_predict_clip(predictor, clip) for clip in clips if clip.num_labelled]


def evaluate(config, echo=print):
    """Scores one or several runs on the same clips, as `evaluate.py` does.

    Args:
      config: `EvaluateConfig`.
      echo: function that shows a line of text.

    Returns:
      dict, what `metrics.json` holds for the first run.

    Raises:
      ValueError: for runs of different skeletons, or data that does not fit.
    """
    paths = config.run_dirs
    if not paths:
        raise ValueError(f"--run_dir: expected one or more runs, received {config.run_dir!r}")
    for path in paths:
        run_directory.open_run(path)
    spec, part, clips = choose_clips(paths[0], config, echo)
    for path in paths:
        note_seen(path, spec, clips, echo)
    return score_runs(
        paths, clips, spec, part, config.eval_dir, config.pck_reference, flip_test=config.flip_test, echo=echo
    )


def choose_clips(run_dir, config, echo=print):
    """Chooses what to score: the clips of `--data`, of `--clips`, or what the run kept out of training.

    Args:
      run_dir: the run whose data is meant where `--data` is empty.
      config: `EvaluateConfig`.
      echo: function that shows a line of text.

    Returns:
      str, the source that was opened; str, which of its frames are meant; and the labelled clips.

    Raises:
      ValueError: where nothing is left, or the joints are not those of the run.
    """
    run, trained, skeleton = run_directory.open_run(run_dir)
    split = files.read_json(run.split)
    part = config.subset if config.subset != "auto" else ("test" if split["test"] else "validation")
    own = (trained.data.test_source if part == "test" and not config.clips else "") or trained.data.source
    spec = config.data or own
    source = selection.open_data(spec, dataclasses.replace(trained.data, on_bad_label=config.on_bad_label))
    if not same_joints(source.skeleton, skeleton):
        raise ValueError(
            f"--data={spec}: expected the joints of {run_dir} ({', '.join(skeleton.joints)}), received "
            f"{', '.join(source.skeleton.joints)}"
        )
    if config.data or config.clips:
        clips = source.clips
        if config.clips:
            clips = splits.select_clips(clips, splits.read_clip_names(config.clips))
        return spec, "chosen clips" if config.clips else "labelled frames", clips
    echo(f"scoring the {part} frames of {run_dir}")
    clips = [clip.select(np.isin(clip.labelled, split[part].get(clip.name, []))) for clip in source.clips]
    clips = [clip for clip in clips if clip.num_labelled]
    if not clips:
        raise ValueError(f"--subset={part}: {run_dir} has no such frames")
    return spec, f"{part} frames", clips


def note_seen(run_dir, spec, clips, echo=print):
    """Says so where a run was trained on frames that it is scored on.

    Args:
      run_dir: the run.
      spec: the source of the clips, as `--data`.
      clips: list of `Clip`.
      echo: function that shows a line of text.
    """
    run, trained, _ = run_directory.open_run(run_dir)
    if _source_key(spec) != _source_key(trained.data.source):
        return
    train = files.read_json(run.split)["train"]
    seen = sum(int(np.isin(clip.labelled, train.get(clip.name, [])).sum()) for clip in clips)
    if seen:
        echo(f"NOTE: {run_dir} was trained on {seen} of these frames; figures on them say little about new ones")


def score_runs(run_dirs, clips, data, part, eval_dir="", pck_reference="frame", flip_test=False, echo=print):
    """Scores runs on clips and writes figures and pictures.

    Args:
      run_dirs: list of str, runs of the same skeleton.
      clips: list of `Clip` with labels.
      data, part: str, the source of the clips and which of its frames they are, for the page and metrics.json.
      eval_dir: where to write; `eval/` of the first run by default.
      pck_reference: see `evaluation.reference_lengths`.
      flip_test: see `Predictor`.
      echo: function that shows a line of text.

    Returns:
      dict, what `metrics.json` holds for the first run.
    """
    run, _, skeleton = run_directory.open_run(run_dirs[0])
    eval_dir = eval_dir or run.eval
    names = [os.path.basename(os.path.abspath(path)) for path in run_dirs]
    if len(set(names)) < len(names):
        raise ValueError(f"--run_dir: expected runs of different names, received {', '.join(run_dirs)}")
    by_name = {clip.name: clip for clip in clips}

    def read_frame(name, position):
        return by_name[name].frames.read([position])[0]

    predictors, predictions = {}, {}
    for name, path in zip(names, run_dirs):
        predictor = predictors[name] = load_predictor(path, flip_test)
        if not same_joints(predictor.skeleton, skeleton):
            raise ValueError(f"--run_dir: {path} has other joints than {run_dirs[0]}")
        predictions[name] = predict_clips(predictor, clips)
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
    """What two ways of naming one source share: the split of the signers, or the real path of a folder or file."""
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
