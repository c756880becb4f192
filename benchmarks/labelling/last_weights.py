"""Scores what a training ends with, not the weights of its best validation."""

from __future__ import annotations

import os
import shutil

import tensorflow as tf

from benchmarks.common import trainings
from benchmarks.common.trainings import Training
from keras_pose.data import selection
from keras_pose.evaluation import predictions, scoring
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.training import callbacks, checkpoint, runner, trainer

_COPIED = ("flags.txt", "skeleton.json", "split.json", "data.json")


def train(config: TrainConfig) -> Training:
    """Trains a run, or reads it if it is finished, and scores the averaged weights of its last step.

    Args:
      config: configuration of the run, with a test set in `--test_clips` or `--split`. The scores are in
        `<run_dir>-last`.
    """
    trained = trainings.train_once(config)
    last = f"{os.path.normpath(config.run_dir)}-last"
    found = os.path.join(last, "eval", "predictions.npz")
    if not os.path.exists(found):
        copy_last(config, last)
        source = selection.open_data(config.data.source, config.data)
        test = selection.split_data(source, config.data).test
        scoring.score_runs([last], test, config.data.source, "test frames", echo=print)
    skeleton, scored = predictions.load(found)
    return Training(last, skeleton, scored, trained.minutes, trained.whole)


def copy_last(config: TrainConfig, folder: str) -> None:
    """Makes a run of the last averaged weights of another run.

    Args:
      config: configuration of the other run, which is finished.
      folder: folder of the new run.
    """
    os.makedirs(folder, exist_ok=True)
    for name in _COPIED:
        shutil.copy(os.path.join(config.run_dir, name), os.path.join(folder, name))
    run, _, skeleton = run_directory.open_run(config.run_dir)
    model = runner.build(config, skeleton)
    trainer.compile_model(model, config.optimisation, config.loss)
    checkpoint.restore(run.checkpoints, model)
    averaged = callbacks.AveragedWeights(tf.distribute.get_strategy())
    averaged.set_model(model)
    with averaged.applied():
        callbacks.write_weights(model, run_directory.RunDirectory(folder).weights)
