"""The steps of a training, phase by phase, from the newest checkpoint on."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_pose import console
from keras_pose.data import pipeline
from keras_pose.data.augment import Mirroring
from keras_pose.data.batch_part import Share
from keras_pose.data.samples import Samples
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import checkpoint_files, snapshots
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.parts import LossConfig, OptimisationConfig
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.skeleton import Skeleton
from keras_pose.training import (
    callbacks,
    checkpoint,
    kept_weights,
    lessons,
    metrics,
    optimizers,
    phases,
    strategy,
    targets,
)
from keras_pose.training.progress import Progress
from keras_pose.viz import training_images


def compile_model(
    model: keras.Model,
    optimisation: OptimisationConfig,
    loss: LossConfig,
    xla: bool = False,
    group_errors: metrics.GroupErrors | None = None,
) -> None:
    """Gives a model a new optimiser, its losses and metrics.

    Args:
      model: built by `models.factory`.
      optimisation: steps, learning rate and the metrics to watch.
      loss: what to train towards.
      xla: whether to compile the step with XLA.
      group_errors: measures groups of validation frames as well; None: there are none.
    """
    model.compile(
        optimizer=optimizers.make_optimizer(optimisation),
        loss=targets.make_losses(loss, model),
        metrics=targets.make_metrics(model, optimisation.metric_names, group_errors),
        jit_compile=xla,
    )
    model.optimizer.build(model.trainable_variables)
    # Keras would make the means of several losses in the first step, so that TensorFlow traces that step twice.
    if keras.__version__.startswith("2."):
        model.compiled_loss.build(model.output)
        # Without AutoGraph, as all graphs: it would rewrite each loss and metric.
        model.train_step = tf.autograph.experimental.do_not_convert(model.train_step)
        model.test_step = tf.autograph.experimental.do_not_convert(model.test_step)
    else:
        model._compile_loss.build(model.output, model.output)  # no public function does it


@dataclasses.dataclass
class Trainer:
    """What a training needs; `fit` does it.

    Args:
      run: folder of the run.
      config: configuration of the run.
      model: the net.
      devices: strategy of the devices that train.
      samples: samples to train on.
      held_out: samples to validate on (`kept_weights` says what follows from it).
      mirroring: how often frames are mirrored.
      skeleton: the joints.
      echo: function that shows a line of text.
      lessons: what unlabelled frames teach; None: there are none.
      pooling_is_fitted: whether --pooling=auto fitted the pooling; it then keeps its weights.
    """

    run: RunDirectory
    config: TrainConfig
    model: keras.Model
    devices: tf.distribute.Strategy
    samples: Samples
    held_out: Samples
    mirroring: Mirroring
    skeleton: Skeleton
    echo: Callable[[str], None] = console.show
    lessons: lessons.Lessons | None = None
    pooling_is_fitted: bool = False

    def fit(self) -> None:
        """Trains until the last step, or until there are no better weights for long enough.

        Raises:
          ValueError: if a frame cannot be read; the message names its file.
        """
        optimisation = self.config.optimisation
        step = checkpoint_files.newest_step(self.run.checkpoints)
        memory: dict[str, Any] = {"keeper": None, "history": []}
        if step:
            self.echo(f"resuming at step {step} of {optimisation.steps}")
            checkpoint.restore_weights(self.run.checkpoints, self.model)
        parts = self.devices.num_replicas_in_sync
        if strategy.share_batches(self.devices) and optimisation.batch_size % parts:
            raise ValueError(
                f"--batch_size: expected a multiple of {parts}, the number of devices of all workers, received "
                f"{optimisation.batch_size}"
            )
        groups = kept_weights.group_frames(self.held_out, self.samples)
        validation_set = strategy.distribute(self.devices, lambda share: self._make_validation_set(share, groups))
        for phase in phases.plan_phases(optimisation, self.config.phases, self.pooling_is_fitted):
            if step > phase.last:
                continue
            group_errors = self._prepare_model(phase, int(groups.max()) + 1)
            if group_errors is not None:
                if step > phase.first:
                    step, memory = self._restore()
                memory = self._fit_phase(phase, step, memory, validation_set, group_errors)
                if phase.last < optimisation.steps:
                    # Keras ends a fit with averaged weights. The next phase must start as it would after a resume.
                    self._restore()
            step = phase.last

    def _restore(self):
        return checkpoint.restore(self.run.checkpoints, self.model)

    def _prepare_model(self, phase, num_groups):
        """Freezes and compiles the model for a phase.

        Returns:
          The metric of the groups of validation frames, or None if there is nothing to learn in the phase.
        """
        with self.devices.scope():
            PoseNet(self.model).freeze_frame_net(phase.frozen)
            PoseNet(self.model).freeze_pooling(phase.keeps_pooling)
            if self.model.trainable_variables:
                group_errors = targets.make_group_errors(self.model, num_groups)
                xla = self.config.device.xla
                compile_model(self.model, phase.optimisation, self.config.loss, xla, group_errors)
                return group_errors
        if phase.keeps_pooling:
            self.echo(
                f"{phase.name}: these --pooling_steps are skipped, since --pooling=auto fitted it to frames that the "
                "net has not seen"
            )
        else:
            self.echo(f"{phase.name}: --pooling={self.config.window.pooling} has nothing to learn")
        callbacks.write_weights(self.model, self.run.weights)
        return None

    def _fit_phase(self, phase, step, memory, validation_set, group_errors):
        """Trains from a step to the end of its phase; returns what the callbacks remember for the next phase."""
        config = self.config.optimisation
        began = time.monotonic()
        averaged = callbacks.AveragedWeights(self.devices)
        averaged.set_model(self.model)
        keeper = callbacks.KeepWeights(self.run.weights, averaged, config.early_stopping, memory["keeper"])
        keeper.set_model(self.model)
        history = memory["history"]
        if step < phase.last and not keeper.exhausted:
            if phase.name:
                self.echo(phase.name)
            batches = -(-len(self.held_out) // config.batch_size)
            progress = Progress(step, config.steps, echo=self.echo, validation_batches=batches)
            validation = callbacks.Validation(
                keeper,
                lambda: group_errors.group_errors().numpy(),
                self.run.checkpoints,
                config.validate_every,
                history,
                self.echo,
                progress,
            )
            kept = callbacks.KeepSnapshots(self.run, snapshots.plan_steps(config.snapshots, config.steps), step)
            watchers = [callbacks.StopAtNaN(step), averaged, progress, *self._make_logs(), kept, validation]
            if self.lessons is None:
                self._fit_steps(phase, step, phase.last, self.samples, validation_set, watchers)
            else:
                self._fit_rounds(phase, step, validation_set, watchers, averaged, validation)
            history = validation.history
            minutes = (time.monotonic() - began) / 60
            self.echo(f"trained for {minutes:.1f} min; {keeper.described}")
        # The next phase starts to count its patience from 0.
        return {"keeper": dict(keeper.memory, waited=0), "history": history}

    def _fit_rounds(self, phase, step, validation_set, watchers, averaged, validation):
        """Runs Keras from a step to the end of its phase, with a new lesson after each validation."""
        for first, last in self.lessons.plan_rounds(step, phase.last):
            if first > step:
                self._restore()  # Keras ends a fit with averaged weights
            samples = self.samples
            if self.lessons.counts(first):
                with averaged.applied() if first else contextlib.nullcontext():  # at step 0 there is no average
                    lesson = self.lessons.make()
                samples = lesson.samples
                for line in lesson.lines:
                    self.echo(line)
                if validation.history:
                    validation.history[-1].update({lessons.LOSS: lesson.loss, lessons.TAUGHT: lesson.taught})
            self._fit_steps(phase, first, last, samples, validation_set, watchers)
            if self.model.stop_training:
                break

    def _fit_steps(self, phase, step, last, samples, validation_set, watchers):
        """Runs Keras from a step to the last one; an epoch of Keras ends with each validation."""
        validate_every = self.config.optimisation.validate_every

        def make_batches(share: Share) -> tf.data.Dataset:
            return self._make_training_set(phase, step, last, samples, share)

        with pipeline.raise_reader_errors(samples, self.held_out):
            self.model.fit(
                strategy.distribute(self.devices, make_batches),
                validation_data=validation_set,
                validation_steps=self._count_validation_steps(),
                initial_epoch=step // validate_every,
                epochs=last // validate_every,
                steps_per_epoch=validate_every,
                shuffle=False,  # the data set has its order; Keras 3 warns otherwise
                verbose=0,
                callbacks=watchers,
            )

    def _make_validation_set(self, share: Share, groups: np.ndarray) -> tf.data.Dataset:
        batch_size = self.config.optimisation.batch_size
        dataset = pipeline.make_evaluation_dataset(self.held_out, batch_size, groups, share)
        return dataset.map(PoseNet(self.model).training_pair)

    def _count_validation_steps(self):
        """The batches of a validation if Keras cannot count them, because workers share them; otherwise None."""
        if not strategy.share_batches(self.devices):
            return None
        parts = self.devices.num_replicas_in_sync
        return pipeline.count_evaluation_steps(self.held_out, self.config.optimisation.batch_size, parts)

    def _make_training_set(self, phase, step, last, samples, share):
        unseen = phase.frozen and self.config.phases.pooling_data == "validation"
        dataset = pipeline.make_training_dataset(
            self.held_out if unseen else samples,
            self.config.optimisation.batch_size,
            self.config.optimisation.seed,
            self.config.augmentation,
            self.mirroring,
            last,
            step,
            share,
        )
        return dataset.map(PoseNet(self.model).training_pair)

    def _make_logs(self):
        """Returns the callbacks that write TensorBoard's files."""
        every = self.config.optimisation.validate_every
        return [
            callbacks.TensorBoard(self.run.logs, write_graph=False),
            training_images.PredictionImages(self.run.logs, self.held_out, self.skeleton, every),
        ]
