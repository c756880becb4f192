"""One training run from flags to evaluation: opens the data, builds the net, trains (or goes on), scores the best.

A flowing net learns in up to three steps, the authors' order: its single-frame net first, as a run of its own in
`<run_dir>/frame_net`; then the pooling alone; then all together.

An epoch of Keras is `--validate_every` steps here: after each come validation, best weights and a checkpoint. A run
that is killed goes on at the last checkpoint, and since batches are a function of seed and step it ends with the same
weights as a run that was not.
"""

from __future__ import annotations

import dataclasses
import os

from keras_pose.data import selection
from keras_pose.data.samples import Samples
from keras_pose.evaluation import scoring
from keras_pose.flow import warp
from keras_pose.models import factory
from keras_pose.runs import run_directory
from keras_pose.training import checkpoint, initial_weights, strategy, trainer

_NOTES_SHOWN = 5


def train(config, echo=print):
    """Trains a run, or goes on with it, and evaluates its best weights.

    Args:
      config: `TrainConfig`.
      echo: function that shows a line of text.

    Returns:
      dict, the figures of `eval/metrics.json`.

    Raises:
      ValueError: for flags, data or a run directory that do not fit, or that another process trains in; nothing
        trained earlier is changed.
      NonFiniteLossError: at a NaN, naming the step.
    """
    run = run_directory.prepare(config)
    with run_directory.held(run):
        start = train_frame_net(run, config, echo) if config.net_steps else config.init_from
        split = fit_run(run, config, start, echo)
        if split.test:
            return scoring.score_runs([run.path], split.test, config.test_data or config.data, "test frames", echo=echo)
        echo("no test set: what follows is of the validation frames, which the best weights were chosen on")
        return scoring.score_runs([run.path], split.validation, config.data, "validation frames", echo=echo)


def train_frame_net(run, config, echo):
    """Trains the single-frame net of a flowing net, unless it is trained already; returns its run's folder."""
    alone = dataclasses.replace(
        config,
        **factory.SINGLE_FRAME,
        run_dir=run.frame_net,
        steps=config.net_steps,
        batch_size=config.net_batch_size,
        learning_rate=config.net_learning_rate,
    )
    inner = run_directory.prepare(alone)
    if checkpoint.newest_step(inner.checkpoints) < alone.steps or not os.path.exists(inner.weights):
        echo(f"first the single-frame net, in {inner.path}")
        train(alone, echo)
    return inner.path


def fit_run(run, config, start, echo):
    """Opens the data, builds the net, with the weights of the run `start` where given, and trains it.

    Returns:
      The `Split` of the run.
    """
    strategy.set_numerics(config)
    source = selection.open_data(config.data, config)
    say_what_is_odd(source, echo)
    split = selection.split_data(source, config)
    selection.note_unlabelled_joints(split.train, source.skeleton, echo)
    augmentation = selection.make_augmentation(config, source.skeleton)
    devices = strategy.make_strategy(config.devices)
    with devices.scope():
        # What is resumed has its weights: the run it started from may be gone by now.
        resumed = checkpoint.newest_step(run.checkpoints) > 0
        model = build(config, source.skeleton, "" if resumed else start)
    run_directory.begin(run, config, source.skeleton, split.to_dict())
    window = {"offsets": config.offsets, "estimate_flow": config.open_flow(), "cache": config.cache}
    samples = Samples(split.train, config.input_size_hw, hidden_weight=config.hidden_weight, **window)
    held_out = Samples(split.validation, config.input_size_hw, **window)
    check_neighbours(samples, config, echo)
    echo(
        f"{config.model} net {config.preset}: {model.count_params() / 1e6:.2f} M weights; {len(samples)} frames to "
        f"train on, {len(held_out)} to validate, {sum(c.num_labelled for c in split.test)} to test"
    )
    trainer.Fitting(run, config, model, devices, samples, held_out, augmentation, source.skeleton, echo).fit()
    return split


def say_what_is_odd(source, echo):
    """Shows what was left out of a source, and the first of the notes on it."""
    for message in source.skipped:
        echo(f"left out: {message}")
    for message in source.notes[:_NOTES_SHOWN]:
        echo(f"note: {message}")
    if len(source.notes) > _NOTES_SHOWN:
        echo(f"… and {len(source.notes) - _NOTES_SHOWN} more notes on the data")


def check_neighbours(samples, config, echo):
    """Says how many labelled frames have no neighbours to pool.

    Raises:
      ValueError: where none has any.
    """
    if len(samples.offsets) == 1 or not samples.num_alone:
        return
    if samples.num_alone == len(samples):
        raise ValueError(
            f"--model={config.model}: expected video, but none of the {len(samples)} labelled frames of "
            f"--data={config.data} has neighbours (separate images?); use --model=heatmap"
        )
    echo(f"note: {samples.num_alone} of {len(samples)} labelled frames have no neighbours and are used alone")


def build(config, run_skeleton, start=""):
    """Builds the model of a run, with the weights of the run `start` where given."""
    kernel = warp.training_kernel(config.xla)
    model = factory.build_from_config(config, run_skeleton.num_joints, config.backbone_weights, kernel)
    if start:
        initial_weights.load(model, start, config, run_skeleton)
    return model
