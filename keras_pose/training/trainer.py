"""The steps of a training, phase by phase, from the newest checkpoint on."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import keras
import tensorflow as tf

from keras_pose.data import pipeline
from keras_pose.data.augment import Mirroring
from keras_pose.data.samples import Samples
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.parts import LossConfig, OptimisationConfig
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.skeleton import Skeleton
from keras_pose.training import callbacks, checkpoint, optimizers, phases, targets
from keras_pose.viz import training_images


def compile_model(model: keras.Model, optimisation: OptimisationConfig, loss: LossConfig, xla: bool = False) -> None:
    """Gives a model a new optimiser, its losses and metrics.

    Args:
      model: `keras.Model`.
      optimisation: steps and learning rate.
      loss: what to train towards.
      xla: whether to compile the step with XLA.
    """
    model.compile(
        optimizer=optimizers.make_optimizer(optimisation),
        loss=targets.make_losses(loss, model),
        metrics=targets.make_metrics(model),
        jit_compile=xla,
    )
    model.optimizer.build(model.trainable_variables)


@dataclasses.dataclass
class Trainer:
    """What a training needs; `fit` does it.

    Args:
      run: `RunDirectory`.
      config: `TrainConfig`.
      model: `keras.Model`.
      devices: `tf.distribute.Strategy`.
      samples: `Samples` to train on.
      held_out: `Samples` to choose the best weights on.
      mirroring: `Mirroring`.
      skeleton: `Skeleton`.
      echo: function that shows a line of text.
    """

    run: RunDirectory
    config: TrainConfig
    model: keras.Model
    devices: tf.distribute.Strategy
    samples: Samples
    held_out: Samples
    mirroring: Mirroring
    skeleton: Skeleton
    echo: Callable[[str], None] = print

    def fit(self) -> None:
        """Trains until the last step, or until no better weights come.

        Raises:
          ValueError: where a frame cannot be read; the message names its file.
        """
        optimisation = self.config.optimisation
        step = checkpoint.newest_step(self.run.checkpoints)
        memory = {"keeper": None, "history": []}
        if step:
            self.echo(f"resuming at step {step} of {optimisation.steps}")
        net = PoseNet(self.model)
        validation_set = pipeline.make_evaluation_dataset(self.held_out, optimisation.batch_size).map(net.training_pair)
        for phase in phases.plan_phases(optimisation, self.config.phases):
            if step > phase.last:
                continue
            if self._enter(phase):
                if step > phase.first:
                    step, memory = checkpoint.restore(self.run.checkpoints, self.model)
                memory = self._fit_phase(phase, step, memory, validation_set)
                if phase.last < optimisation.steps:
                    # Keras ends a fit with averaged weights; the next phase begins where one that is resumed would.
                    checkpoint.restore(self.run.checkpoints, self.model)
            step = phase.last

    def _enter(self, phase):
        """Makes the model ready for a phase; whether there is anything to learn in it."""
        with self.devices.scope():
            PoseNet(self.model).freeze_frame_net(phase.frozen)
            if self.model.trainable_variables:
                compile_model(self.model, phase.optimisation, self.config.loss, self.config.device.xla)
                return True
        self.echo(f"{phase.name}: --pooling={self.config.window.pooling} has nothing to learn")
        callbacks.write_weights(self.model, self.run.weights)
        return False

    def _fit_phase(self, phase, step, memory, validation_set):
        """Trains from a step to the end of its phase; returns what the callbacks remember for the next."""
        config = self.config.optimisation
        began = time.monotonic()
        averaged = callbacks.AveragedWeights(self.devices)
        keeper = callbacks.KeepBest(self.run.weights, averaged, config.early_stopping, memory["keeper"])
        keeper.set_model(self.model)
        history = memory["history"]
        if step < phase.last and not keeper.exhausted:
            if phase.name:
                self.echo(phase.name)
            progress = callbacks.Progress(step, config.steps)
            validation = callbacks.Validation(
                keeper, self.run.checkpoints, config.validate_every, history, self.echo, progress
            )
            with pipeline.reader_errors(self.samples, self.held_out):
                self.model.fit(
                    self._training_set(phase, step),
                    validation_data=validation_set,
                    initial_epoch=step // config.validate_every,
                    epochs=phase.last // config.validate_every,
                    steps_per_epoch=config.validate_every,
                    verbose=0,
                    callbacks=[callbacks.StopAtNaN(step), averaged, progress, *self._watchers(), validation],
                )
            history = validation.history
            minutes, best = (time.monotonic() - began) / 60, keeper.memory["best_step"]
            self.echo(f"trained for {minutes:.1f} min; best weights of step {best}")
        # The patience of the next phase begins anew.
        return {"keeper": dict(keeper.memory, waited=0), "history": history}

    def _training_set(self, phase, step):
        unseen = phase.frozen and self.config.phases.pooling_data == "validation"
        dataset = pipeline.make_training_dataset(
            self.held_out if unseen else self.samples,
            self.config.optimisation.batch_size,
            self.config.optimisation.seed,
            self.config.augmentation,
            self.mirroring,
            phase.last,
            step,
        )
        return dataset.map(PoseNet(self.model).training_pair)

    def _watchers(self):
        every = self.config.optimisation.validate_every
        return [
            keras.callbacks.TensorBoard(self.run.logs, write_graph=False),
            training_images.PredictionImages(self.run.logs, self.held_out, self.skeleton, every),
        ]
