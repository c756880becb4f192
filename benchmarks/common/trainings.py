"""Trainings that a command compares: each runs once, in a run directory of its own, and resumes if it was stopped.

When a training is finished, `<run>.minutes.json` beside its run directory keeps the time it took. A command that is
started again finds this file and does not train the run again.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from keras_pose import files, options
from keras_pose.evaluation import predictions
from keras_pose.evaluation.bootstrap import intervals
from keras_pose.evaluation.measures import build_measures, group_means, joint_groups, pooled_means
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton
from keras_pose.training import runner

QUICKSTART = pathlib.Path(__file__).resolve().parents[2] / "configs" / "quickstart.flags"


@dataclasses.dataclass(frozen=True)
class Training:
    """A finished training.

    Args:
      run_dir: folder of the run.
      skeleton: its `Skeleton`.
      predictions: of its test frames (of its validation frames if it has no test frames).
      minutes: wall time of data, training and scoring, as far as it was measured.
      whole: whether `minutes` covers all of it; False if the run was stopped and resumed.
    """

    run_dir: str
    skeleton: Skeleton
    predictions: list[ClipPredictions]
    minutes: float
    whole: bool

    def score(self, metric: str, joints: Sequence[int] | None = None) -> tuple[float, list[float] | None]:
        """Returns (value, [low, high]): a metric with its 95 % bootstrap interval over clips.

        If there are too few clips, the interval is over blocks of consecutive frames (see `evaluation.resampling`).

        Args:
          metric: "mean_error_px" or "pck/<fraction>", of the frame's longer side.
          joints: positions of the joints whose own values are averaged; None: all labelled joints alike.
        """
        head, _, tail = metric.partition("/")
        pck: dict[str, Any] = {"pck_reference": "frame", "pck_fractions": (float(tail),)} if head == "pck" else {}
        measures = build_measures(self.predictions, self.skeleton, **pck)
        limits = intervals(measures, {} if joints is None else {"joints": joints})
        limits = (limits if joints is None else limits["groups"]["joints"])[head]
        sums, counts = measures.weighted(np.ones((1, measures.num_rows)))
        means = pooled_means(sums, counts) if joints is None else group_means(sums, counts, joints)
        return float(means[0, measures.keys.index(metric)]), limits[tail] if tail else limits


def train_once(config: TrainConfig, echo: Callable[[str], None] = print) -> Training:
    """Trains a run, resumes it, or only reads it if it is finished.

    Args:
      config: configuration of the run.
      echo: function that shows a line of text.

    Raises:
      ValueError: as `runner.train`; also if a finished run has another configuration.
    """
    run = run_directory.prepare(config)
    minutes_file = os.path.normpath(run.path) + ".minutes.json"
    if not (os.path.exists(minutes_file) and _holds_held_out_predictions(run)):
        was_begun = os.path.isdir(run.checkpoints)
        known = files.read_json(minutes_file) if was_begun and os.path.exists(minutes_file) else None
        echo(f"training {run.path}: {config.optimisation.steps} steps")
        keras.backend.clear_session()
        start = time.monotonic()
        runner.train(config, echo)
        taken = {"minutes": (time.monotonic() - start) / 60, "whole": not was_begun}
        files.write_json(minutes_file, known or taken)  # a run that was only scored again keeps its time
    time_taken = files.read_json(minutes_file)
    skeleton, held_out = predictions.load(_predictions_file(run))
    return Training(run.path, skeleton, held_out, time_taken["minutes"], time_taken["whole"])


def find_joints(skeleton: Skeleton, text: str) -> tuple[int, ...]:
    """Returns the positions of joints and groups of joints, named like "wrist" or "leftLip+rightLip".

    Raises:
      ValueError: if a name is neither a joint nor a group; the message lists those that exist.
    """
    known = {**joint_groups(skeleton), **{joint: (i,) for i, joint in enumerate(skeleton.joints)}}
    unknown = [name for name in text.split("+") if name not in known]
    if unknown:
        raise ValueError(f"{text}: unknown joint {unknown[0]!r}, expected one of {', '.join(known)}")
    return tuple(sorted({position for name in text.split("+") for position in known[name]}))


def load_config(path: str | os.PathLike[str], **changes: Any) -> TrainConfig:
    """Reads a flagfile of `train.py` and changes some of its flags."""
    return options.load(TrainConfig, path).replace(**changes)


def _predictions_file(run):
    return os.path.join(run.eval, "predictions.npz")


def _holds_held_out_predictions(run):
    """Whether eval/ holds the scores from the end of the training, not later ones of `evaluate.py` on other clips."""
    if not (os.path.exists(_predictions_file(run)) and os.path.exists(run.split)):
        return False
    split = files.read_json(run.split)
    expected = {name: frames for name, frames in (split["test"] or split["validation"]).items() if frames}
    _, found = predictions.load(_predictions_file(run))
    return {clip.name: clip.frames.tolist() for clip in found} == expected
