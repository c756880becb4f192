"""One training run from flags to evaluation: build the net, train (or resume), score it.

`preparation` checks flags and data before, without TensorFlow.

A flowing net learns in up to three parts, in the authors' order: first its single-frame net, as a run of its own in
`<run_dir>/frame_net`; then the pooling alone; then all together. With --pooling=auto, the pooling is chosen and fitted
between the first and the second (`choosing`).

An epoch of Keras is `--validate_every` steps here. Validation, a decision on the weights and a checkpoint follow each
epoch. A run that is killed resumes at the last checkpoint. Since batches are a function of seed and step, it ends with
the same weights as a run that was not killed.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import Any

import keras

from keras_pose import console
from keras_pose.choosing import final_check
from keras_pose.data import mirroring, several_sources
from keras_pose.data.samples import Samples
from keras_pose.evaluation import other_parts, scoring
from keras_pose.flow import warp
from keras_pose.models import factory
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import checkpoint_files, run_directory, temporal_choice
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton
from keras_pose.training import (
    head_fit,
    initial_weights,
    lessons,
    preparation,
    strategy,
    temporal,
    unlabelled_clips,
    workers,
)
from keras_pose.training.preparation import Prepared
from keras_pose.training.trainer import Trainer
from keras_pose.words import count


def train(config: TrainConfig, echo: Callable[[str], None] = console.show) -> dict:
    """Trains a run, or resumes it, and evaluates it.

    Args:
      config: configuration of the run.
      echo: function that shows a line of text.

    Returns:
      The figures of `eval/metrics.json`; nothing if another worker evaluates (`workers`).

    Raises:
      ValueError: for flags, data or a run directory that do not fit, or if another process trains in it; nothing
        trained earlier is changed.
      NonFiniteLossError: if a loss is NaN or infinite; the message names the step.
    """
    with preparation.prepare(config, echo) as prepared:
        return train_prepared(prepared, echo)


def train_prepared(prepared: Prepared, echo: Callable[[str], None] = console.show) -> dict:
    """Trains a run whose data is open, or resumes it, and evaluates it.

    Args:
      prepared: what `preparation.prepare` yields.
      echo: function that shows a line of text.

    Returns:
      The figures of `eval/metrics.json`; nothing if another worker evaluates (`workers`).

    Raises:
      ValueError: for flags or data that do not fit; nothing trained earlier is changed.
      NonFiniteLossError: if a loss is NaN or infinite; the message names the step.
    """
    run, config, split = prepared.run, prepared.config, prepared.split
    temporal.check_flags(config)
    start = train_frame_net(prepared, echo) if config.phases.net_steps else config.model.init_from
    with strategy.kept_precision():
        fit_run(prepared, start, echo)
    if not workers.is_chief():
        return {}
    data = config.data
    choice = temporal_choice.read(run.path) if temporal_choice.is_open(config) else None
    # Score the run, and fit what its scores mean to the validation frames.
    parts = {"train": split.train, "validation": split.validation}
    options: dict[str, Any] = {
        "confidence_distance": config.optimisation.confidence_distance,
        "validation": split.validation,
        "echo": echo,
    }
    if split.test:
        options["parts"] = other_parts.sample_parts(parts, "test")
        return scoring.score_runs([run.path], split.test, data.test_source or data.source, "test frames", **options)
    and_pooling = " and the pooling" if choice and choice["validation_used"] else ""
    echo(f"no test set: these figures are for the validation frames, by which the weights{and_pooling} were chosen")
    options["parts"] = other_parts.sample_parts(parts, "validation")
    return scoring.score_runs([run.path], split.validation, data.source, "validation frames", **options)


def train_frame_net(prepared: Prepared, echo: Callable[[str], None]) -> str:
    """Trains the single-frame net of a flowing net, unless it is trained already.

    Args:
      prepared: the flowing net's run; its single-frame net learns from the same clips.
      echo: function that shows a line of text.

    Returns:
      The folder of the single-frame net's run.
    """
    run, config = prepared.run, prepared.config
    alone = temporal.frame_net_config(config, run.frame_net, config.phases.net_steps)
    if checkpoint_files.newest_step(run.checkpoints):  # the flowing net has its own weights by now
        return alone.run_dir
    inner = run_directory.prepare(alone)
    if checkpoint_files.newest_step(inner.checkpoints) < alone.optimisation.steps or not os.path.exists(inner.weights):
        echo(f"first the single-frame net, in {inner.path}")
        with run_directory.lock(inner, echo):
            train_prepared(dataclasses.replace(prepared, run=inner, config=alone), echo)
    return inner.path


def fit_run(prepared: Prepared, start: str, echo: Callable[[str], None]) -> None:
    """Builds the net of a run and trains it.

    Args:
      prepared: the run and its clips.
      start: folder of the run whose weights to start from; empty: none.
      echo: function that shows a line of text.
    """
    run, asked, source, split = prepared.run, prepared.config, prepared.source, prepared.split
    config = temporal.choose(prepared, start, fit_run, echo)
    chosen = config != asked
    strategy.set_numerics(config.optimisation.seed, config.device.mixed_precision)
    mirrored = mirroring.decide_mirroring(config.augmentation, source.skeleton)
    echo(mirroring.describe_mirroring(config.augmentation, source.skeleton))

    # Build the net.
    devices = strategy.make_strategy(config.device.devices)
    with devices.scope():
        # A resumed run has its own weights; the run that it started from may be gone.
        resumed = checkpoint_files.newest_step(run.checkpoints) > 0
        model = build(config, source.skeleton, "" if resumed or chosen else start, echo)
        if chosen and not resumed:
            temporal.load_start(model, prepared, start)
    for line in run_directory.begin(run, asked, source.skeleton, split):
        echo(line)

    # Train it.
    estimate_flow = config.open_flow()
    window = (config.model.input_size_hw, config.offsets, config.data.cache)
    shares = several_sources.draw_shares(split.train, config.data)
    samples = Samples(split.train, *window, config.loss.hidden_weight, estimate_flow, shares)
    held_out = Samples(split.validation, *window, estimate_flow=estimate_flow)
    check_neighbours(samples, config, echo)
    echo(
        f"{config.model.kind.name} net {config.model.preset}: {model.count_params() / 1e6:.2f} M weights; "
        f"{count(len(samples), 'frame')} to train on, {len(held_out)} to validate, "
        f"{sum(clip.num_labelled for clip in split.test)} to test"
    )
    kept = [] if resumed else _kept_maps(config, source.skeleton, start)
    if not resumed and len(kept) < source.skeleton.num_joints:
        num_fitted = head_fit.fit_heads(model, samples, config.loss.sigma_px, kept=kept)
        strategy.copy_from_chief(devices, model)
        echo(f"heads of new joints fitted to {count(num_fitted, 'frame')} by least squares, before the first step")
    taught = _open_lessons(prepared, config, model, samples)
    given = (run, config, model, devices, samples, held_out, mirrored, source.skeleton, echo)
    trainer = Trainer(*given, lessons=taught, pooling_is_fitted=chosen)
    if not chosen:
        trainer.fit()
        return
    final_check.restore(run)
    trainer.fit()
    final_check.check(run, model, held_out, source.skeleton, echo)


def _open_lessons(prepared, config, model, samples):
    """What unlabelled frames teach a net for single frames; None without them, and in a flowing net around it."""
    if not prepared.unlabelled or config.model.kind.sees_window:
        return None
    unlabelled_clips.keep_record(prepared.run, config.unlabelled.source, prepared.unlabelled)
    joints = prepared.source.skeleton.joints
    return lessons.Lessons(PoseNet(model), config, prepared.unlabelled, prepared.split.train, samples, joints)


def _kept_maps(config, run_skeleton, start):
    """Positions of the joints whose heads are to stay as they are: all, if the trunk has not learnt poses yet."""
    joints = run_skeleton.joints
    everything = list(range(len(joints)))
    if config.model.kind.sees_window or not config.model.kind.predicts_heatmaps:
        return everything
    if start:
        known = run_directory.open_run(start)[2].joints
        return [place for place in everything if joints[place] in known]
    return [] if os.path.isdir(config.model.backbone_weights) else everything  # MoveNet


def check_neighbours(samples: Samples, config: TrainConfig, echo: Callable[[str], None]) -> None:
    """Shows how many labelled frames have no neighbours to pool.

    Raises:
      ValueError: if no labelled frame has neighbours.
    """
    if len(samples.offsets) == 1 or not samples.num_without_neighbours:
        return
    if samples.num_without_neighbours == len(samples):
        raise ValueError(
            f"--model={config.model.kind.name}: expected video, but none of the {len(samples)} labelled frames of "
            f"--data={config.data.source} has neighbours (separate images?); use --model=heatmap"
        )
    echo(
        f"note: {samples.num_without_neighbours} of {len(samples)} labelled frames have no neighbours and are used "
        "alone"
    )


def build(
    config: TrainConfig, run_skeleton: Skeleton, start: str = "", echo: Callable[[str], None] = console.show
) -> keras.Model:
    """Builds the model of a run.

    Args:
      config: configuration of the run.
      run_skeleton: the joints.
      start: folder of the run whose weights to start from; empty: none.
      echo: function that shows a line of text.
    """
    kernel = warp.training_kernel(config.device.xla)
    model = factory.build_net(
        config.model,
        config.window,
        run_skeleton.num_joints,
        config.model.backbone_weights,
        kernel,
        config.loss.sigma_px,
    )
    if start:
        initial_weights.load(model, start, config, run_skeleton, echo)
    return model
