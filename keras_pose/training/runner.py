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
import time

import keras

from keras_pose import run_directory
from keras_pose.data import pipeline, selection
from keras_pose.data.samples import Samples
from keras_pose.evaluation import runs
from keras_pose.flow import estimators
from keras_pose.layers import flow_warp
from keras_pose.models import factory
from keras_pose.training import callbacks, checkpoint, initial_weights, optimizers, phases, strategy, targets
from keras_pose.viz import training_images

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
            return runs.score_runs([run.path], split.test, config.test_data or config.data, "test frames", echo=echo)
        echo("no test set: what follows is of the validation frames, which the best weights were chosen on")
        return runs.score_runs([run.path], split.validation, config.data, "validation frames", echo=echo)


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
    window = {"offsets": config.offsets, "estimate_flow": estimators.open_for(config), "cache": config.cache}
    samples = Samples(split.train, config.input_size_hw, hidden_weight=config.hidden_weight, **window)
    held_out = Samples(split.validation, config.input_size_hw, **window)
    check_neighbours(samples, config, echo)
    echo(
        f"{config.model} net {config.preset}: {model.count_params() / 1e6:.2f} M weights; {len(samples)} frames to "
        f"train on, {len(held_out)} to validate, {sum(c.num_labelled for c in split.test)} to test"
    )
    fit(run, config, model, devices, samples, held_out, augmentation, source.skeleton, echo)
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
    """Builds and compiles the model of a run, with the weights of the run `start` where given."""
    kernel = flow_warp.training_kernel(config.xla)
    model = factory.build_from_config(config, run_skeleton.num_joints, config.backbone_weights, kernel)
    if start:
        initial_weights.load(model, start, config, run_skeleton)
    compile_model(model, config)
    return model


def compile_model(model, config):
    """Gives a model a new optimiser, its losses and metrics."""
    model.compile(
        optimizer=optimizers.make_optimizer(config),
        loss=targets.make_losses(config, model),
        metrics=targets.make_metrics(config),
        jit_compile=config.xla,
    )
    model.optimizer.build(model.trainable_variables)


def fit(run, config, model, devices, samples, held_out, augmentation, run_skeleton, echo):
    """Trains from the newest checkpoint on, phase by phase, until the last step or until no better weights come.

    Raises:
      ValueError: where a frame cannot be read; the message names its file.
    """
    step, memory = checkpoint.newest_step(run.checkpoints), {"keeper": None, "history": []}
    if step:
        echo(f"going on at step {step} of {config.steps}")
    validation_set = pipeline.for_model(pipeline.make_evaluation_dataset(held_out, config.batch_size), model)
    began = time.monotonic()
    for phase in phases.of(config):
        if step > phase.last:
            continue
        with devices.scope():
            phases.enter(phase, model)
            if not model.trainable_variables:
                echo(f"{phase.name}: --pooling={config.pooling} has nothing to learn")
                callbacks.write_weights(model, run.weights)
                step = phase.last
                continue
            compile_model(model, phase.config)
        if step > phase.first:
            step, memory = checkpoint.restore(run.checkpoints, model)
        averaged = callbacks.AveragedWeights(devices)
        keeper = callbacks.KeepBest(run.weights, averaged, config.early_stopping, memory["keeper"])
        if keeper.exhausted:
            break
        if step >= phase.last:
            continue
        if phase.name:
            echo(phase.name)
        progress = callbacks.Progress(step, config.steps)
        validation = callbacks.Validation(
            keeper, run.checkpoints, config.validate_every, memory["history"], echo, progress
        )
        seen = held_out if phase.frozen and config.pooling_data == "validation" else samples
        training_set = pipeline.make_training_dataset(
            seen, config.batch_size, config.seed, augmentation, phase.last, step
        )
        keeper.set_model(model)
        with pipeline.said_plainly(samples, held_out):
            model.fit(
                pipeline.for_model(training_set, model),
                validation_data=validation_set,
                initial_epoch=step // config.validate_every,
                epochs=phase.last // config.validate_every,
                steps_per_epoch=config.validate_every,
                verbose=0,
                callbacks=[
                    callbacks.StopAtNaN(step),
                    averaged,
                    progress,
                    keras.callbacks.TensorBoard(run.logs, write_graph=False),
                    training_images.PredictionImages(run.logs, held_out, run_skeleton, config.validate_every),
                    validation,
                ],
            )
        step, memory = phase.last, {"keeper": keeper.memory, "history": validation.history}
        echo(
            f"trained for {(time.monotonic() - began) / 60:.1f} min; best weights of step {keeper.memory['best_step']}"
        )
        if keeper.exhausted:
            break
