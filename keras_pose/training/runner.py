"""One training run from flags to evaluation: opens the data, builds the net, trains (or goes on), scores the best.

An epoch of Keras is `--validate_every` steps here: after each come validation, best weights and a checkpoint. A run
that is killed goes on at the last checkpoint, and since batches are a function of seed and step it ends with the same
weights as a run that was not.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time

import keras
import tensorflow as tf

from keras_pose import run_directory
from keras_pose.data import pipeline, selection
from keras_pose.data.samples import Samples
from keras_pose.evaluation import runs
from keras_pose.models import factory
from keras_pose.training import callbacks, checkpoint, initial_weights, optimizers, strategy, targets
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
        split = fit_run(run, config, echo)
        if split.test:
            return runs.score_runs([run.path], split.test, config.test_data or config.data, "test frames", echo=echo)
        echo("no test set: what follows is of the validation frames, which the best weights were chosen on")
        return runs.score_runs([run.path], split.validation, config.data, "validation frames", echo=echo)


def fit_run(run, config, echo):
    """Opens the data, builds the net and trains it; returns the `Split` of the run."""
    strategy.set_numerics(config)
    source = selection.open_data(config.data, config)
    say_what_is_odd(source, echo)
    split = selection.split_data(source, config)
    selection.note_unlabelled_joints(split.train, source.skeleton, echo)
    augmentation = selection.make_augmentation(config, source.skeleton)
    devices = strategy.make_strategy(config.devices)
    with devices.scope():
        # What is resumed has its weights: the run it started from may be gone by now.
        resumed = checkpoint.exists(run.checkpoints)
        model = build(dataclasses.replace(config, init_from="") if resumed else config, source.skeleton)
    run_directory.begin(run, config, source.skeleton, split.to_dict())
    samples = Samples(split.train, config.input_size_hw, cache=config.cache, hidden_weight=config.hidden_weight)
    held_out = Samples(split.validation, config.input_size_hw, cache=config.cache)
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


def build(config, run_skeleton):
    """Builds and compiles the model of a run, with the weights of `--init_from` where given."""
    model = factory.build_from_config(config, run_skeleton.num_joints, config.backbone_weights)
    if config.init_from:
        initial_weights.load(model, config, run_skeleton)
    model.compile(
        optimizer=optimizers.make_optimizer(config),
        loss=targets.make_losses(config, model),
        metrics=targets.make_metrics(config),
        jit_compile=config.xla,
    )
    model.optimizer.build(model.trainable_variables)
    return model


def fit(run, config, model, devices, samples, held_out, augmentation, run_skeleton, echo):
    """Trains from the newest checkpoint on, until the last step or until no better weights come.

    Raises:
      ValueError: where a frame cannot be read; the message names its file.
    """
    start_step, memory = checkpoint.restore(run.checkpoints, model)
    memory = memory or {"keeper": None, "history": []}
    averaged = callbacks.AveragedWeights(devices)
    keeper = callbacks.KeepBest(run.weights, averaged, config.early_stopping, memory["keeper"])
    if start_step:
        echo(f"going on at step {start_step} of {config.steps}")
    if start_step >= config.steps or keeper.exhausted:
        return
    validation_set = pipeline.make_evaluation_dataset(held_out, config.batch_size)
    training_set = pipeline.make_training_dataset(
        samples, config.batch_size, config.seed, augmentation, config.steps, start_step
    )
    progress = callbacks.Progress(start_step, config.steps)
    began = time.monotonic()
    keeper.set_model(model)
    with said_plainly(samples, held_out):
        model.fit(
            pipeline.for_single_frames(training_set, model.output_names),
            validation_data=pipeline.for_single_frames(validation_set, model.output_names),
            initial_epoch=start_step // config.validate_every,
            epochs=config.steps // config.validate_every,
            steps_per_epoch=config.validate_every,
            verbose=0,
            callbacks=[
                callbacks.StopAtNaN(start_step),
                averaged,
                progress,
                keras.callbacks.TensorBoard(run.logs, write_graph=False),
                training_images.PredictionImages(run.logs, held_out, run_skeleton, config.validate_every),
                callbacks.Validation(keeper, run.checkpoints, config.validate_every, memory["history"], echo, progress),
            ],
        )
    echo(f"trained for {(time.monotonic() - began) / 60:.1f} min; best weights of step {keeper.memory['best_step']}")


@contextlib.contextmanager
def said_plainly(*sample_sets):
    """Inside it, a frame that a pipeline cannot read raises the error of its reader, not TensorFlow's text about it."""
    try:
        yield
    except tf.errors.OpError as error:
        for failure in (samples.failure for samples in sample_sets):
            if isinstance(failure, (ValueError, OSError)):
                raise failure from error
        raise
