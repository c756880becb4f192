"""`--pooling=auto` in a training: the nets of the folds, the choice, and the weights that the net starts from."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence

import keras

from keras_pose.choosing import candidates, chooser, duration, final_check, nets
from keras_pose.data.clip import Clip
from keras_pose.data.selection import DataSplit
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import checkpoint_files, run_directory, temporal_choice
from keras_pose.runs.config import TrainConfig
from keras_pose.training import callbacks, strategy, targets
from keras_pose.training.preparation import Prepared

# Function (prepared, start, echo) that trains a run: `runner.fit_run`.
FitRun = Callable[[Prepared, str, Callable[[str], None]], None]


def check_flags(config: TrainConfig) -> None:
    """Checks the flags of a choice before anything is trained.

    Raises:
      ValueError: for windows or poolings that cannot be tried; the message names the flag.
    """
    if temporal_choice.is_open(config):
        candidates.parse_windows(config.phases.choice_windows)
        candidates.parse_flows(config.phases.choice_flows)
        candidates.list_poolings(config.phases.choice_poolings)


def frame_net_config(config: TrainConfig, run_dir: str, steps: int) -> TrainConfig:
    """Returns the configuration of a single-frame net's run inside the run of a flowing net.

    Args:
      config: configuration of the flowing net's run.
      run_dir: folder of the single-frame net's run.
      steps: its steps.
    """
    return config.of_frame_net().replace(
        run_dir=run_dir,
        steps=steps,
        warmup_steps=min(config.optimisation.warmup_steps, steps),
        batch_size=config.phases.net_batch_size,
        learning_rate=config.phases.net_learning_rate,
    )


def choose(prepared: Prepared, start: str, fit_run: FitRun, echo: Callable[[str], None]) -> TrainConfig:
    """Chooses the temporal layer of a run, unless it has one.

    Args:
      prepared: the run and its clips.
      start: folder of the run of its single-frame net.
      fit_run: trains the net of a fold.
      echo: function that shows a line of text.

    Returns:
      The configuration with the choice in it; unchanged if there was nothing to choose.
    """
    run, config = prepared.run, prepared.config
    if not temporal_choice.is_open(config):
        return config
    if not os.path.exists(run.flags):  # a run that has begun keeps its choice
        strategy.set_numerics(config.optimisation.seed, "none")
        crosses = config.phases.net_steps or config.phases.choice_fold_steps
        train_fold = fold_trainer(prepared, fit_run, echo) if crosses else None
        choice = chooser.Choosing(
            run.path,
            config,
            prepared.split,
            prepared.source.skeleton,
            start,
            lambda layer: targets.make_pooling_loss(config.loss, layer),
            train_fold,
            echo,
        ).choose()
        echo(f"--pooling=auto: {choice['reason']}")
    return temporal_choice.resolve(config, run.path)


def load_start(model: keras.Model, prepared: Prepared, start: str) -> None:
    """Sets a flowing net to the single-frame net that the choice was made with, and its pooling to the fitted one.

    Args:
      model: the net, with the chosen pooling.
      prepared: its run; the weights are also written there, for `final_check`.
      start: folder of the run of the single-frame net.
    """
    net = PoseNet(model)
    net.frame_net().model.set_weights(nets.open_frame_net(start).get_weights())
    fitted = nets.fitted_weights(prepared.run.path)
    pooling = net.pooling()
    if fitted and pooling is not None:
        pooling.set_weights(fitted)
    callbacks.write_weights(model, final_check.weights_path(prepared.run, final_check.START))


def fold_trainer(prepared: Prepared, fit_run: FitRun, echo: Callable[[str], None]) -> chooser.TrainFold:
    """Returns a function that trains the net of a fold, or resumes it, and returns the folder of its run.

    Args:
      prepared: the flowing net's run.
      fit_run: trains a run.
      echo: function that shows a line of text.
    """
    config = _as_start_trained(prepared.config)
    steps = duration.fold_steps(config)

    def train_fold(number: int, clips: Sequence[Clip]) -> str:
        alone = frame_net_config(config, os.path.join(prepared.run.folds, str(number + 1)), steps)
        # The net of --init_from has seen the groups that the fold leaves out, and unlabelled frames may be of them.
        alone = alone.replace(init_from="", unlabelled="")
        inner = run_directory.prepare(alone)
        split = DataSplit(list(clips), prepared.split.validation, [])
        if checkpoint_files.newest_step(inner.checkpoints) < steps or not os.path.exists(inner.weights):
            echo(f"the net of fold {number + 1}, in {inner.path}")
            with run_directory.lock(inner, echo):
                fit_run(dataclasses.replace(prepared, run=inner, config=alone, split=split, unlabelled=()), "", echo)
        return inner.path

    return train_fold


def _as_start_trained(config):
    """Returns a configuration whose nets for single frames train as that of `--init_from` did."""
    if not config.model.init_from:
        return config
    start = run_directory.open_run(config.model.init_from)[1]
    of_start = start.phases.net_steps > 0
    return config.replace(
        net_batch_size=start.phases.net_batch_size if of_start else start.optimisation.batch_size,
        net_learning_rate=start.phases.net_learning_rate if of_start else start.optimisation.learning_rate,
    )
