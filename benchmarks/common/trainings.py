"""Trainings that a benchmark is made of: each in its own run directory, done once, gone on with where it was stopped.

Beside a run directory stands `<run>.minutes.json` with the time its training took, written when it is finished; a
benchmark that is started again finds it and does not train the run again.
"""

from __future__ import annotations

import dataclasses
import os
import time

import keras
import numpy as np

from keras_pose import files, options
from keras_pose.evaluation import predictions
from keras_pose.evaluation.bootstrap import intervals
from keras_pose.evaluation.measures import build_measures, group_means, joint_groups, pooled_means
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.training import runner


@dataclasses.dataclass(frozen=True)
class Training:
    """A finished training.

    Args:
      run_dir: str.
      skeleton: `Skeleton`.
      predictions: list of `ClipPredictions` of its test frames (validation frames where it has none).
      minutes: wall time of data, training and scoring, as far as it was measured.
      whole: whether `minutes` has all of it; False for a run that was stopped and gone on with.
    """

    run_dir: str
    skeleton: object
    predictions: list
    minutes: float
    whole: bool

    def figure(self, metric, joints=None):
        """Returns (value, [low, high]): a figure of these predictions with its 95 % bootstrap interval over clips.

        Over frames where there is but one clip.

        Args:
          metric: "mean_error_px" or "pck/<fraction>", of the frame's longer side.
          joints: positions of the joints whose own figures are averaged; None: all labelled joints alike.
        """
        head, _, tail = metric.partition("/")
        pck = {"pck_reference": "frame", "pck_fractions": (float(tail),)} if head == "pck" else {}
        measures = build_measures(self.predictions, self.skeleton, **pck)
        limits = intervals(measures, {} if joints is None else {"joints": joints})
        limits = (limits if joints is None else limits["groups"]["joints"])[head]
        sums, counts = measures.weighted(np.ones((1, measures.num_units)))
        means = pooled_means(sums, counts) if joints is None else group_means(sums, counts, joints)
        return float(means[0, measures.keys.index(metric)]), limits[tail] if tail else limits


def train_once(config, echo=print) -> Training:
    """Trains a run, or goes on with it, or takes it as it is where it is finished.

    Args:
      config: `TrainConfig`.
      echo: function that shows a line of text.

    Raises:
      ValueError: as `runner.train`, also where a finished run is of another configuration.
    """
    run = run_directory.prepare(config)
    minutes_file = os.path.normpath(run.path) + ".minutes.json"
    if not (os.path.exists(minutes_file) and _holds_held_out_predictions(run)):
        begun = os.path.isdir(run.checkpoints)
        known = files.read_json(minutes_file) if begun and os.path.exists(minutes_file) else None
        echo(f"training {run.path}: {config.optimisation.steps} steps")
        keras.backend.clear_session()
        start = time.monotonic()
        runner.train(config, echo)
        taken = {"minutes": (time.monotonic() - start) / 60, "whole": not begun}
        files.write_json(minutes_file, known or taken)  # a run that was only scored again keeps its time
    time_taken = files.read_json(minutes_file)
    skeleton, held_out = predictions.load(_predictions_file(run))
    return Training(run.path, skeleton, held_out, time_taken["minutes"], time_taken["whole"])


def joints_named(skeleton, text) -> tuple:
    """Returns the positions of joints and groups of joints, named like "wrist" or "leftLip+rightLip".

    Raises:
      ValueError: for a name that is neither; the message lists what there is.
    """
    known = {**joint_groups(skeleton), **{joint: (i,) for i, joint in enumerate(skeleton.joints)}}
    unknown = [name for name in text.split("+") if name not in known]
    if unknown:
        raise ValueError(f"{text}: unknown joint {unknown[0]!r}, expected of {', '.join(known)}")
    return tuple(sorted({position for name in text.split("+") for position in known[name]}))


def load_config(path, **changes) -> TrainConfig:
    """Reads a flagfile of `train.py` and changes some of its flags."""
    return options.load(TrainConfig, path).replace(**changes)


def _predictions_file(run):
    return os.path.join(run.eval, "predictions.npz")


def _holds_held_out_predictions(run):
    """Whether eval/ has what training scored at its end, and not what `evaluate.py` scored since on other clips."""
    if not (os.path.exists(_predictions_file(run)) and os.path.exists(run.split)):
        return False
    split = files.read_json(run.split)
    expected = {name: frames for name, frames in (split["test"] or split["validation"]).items() if frames}
    _, found = predictions.load(_predictions_file(run))
    return {clip.name: clip.frames.tolist() for clip in found} == expected
