"""Optimisers and learning-rate schedules."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from keras_pose.runs.parts import OptimisationConfig


def make_schedule(config: OptimisationConfig) -> keras.optimizers.schedules.LearningRateSchedule:
    """Returns the learning rate over the steps: warm-up from 0, then what `--schedule` names.

    Args:
      config: steps and learning rate.
    """
    peak = config.learning_rate
    steps = config.steps
    warmup = config.warmup_steps
    if config.schedule == "cosine":
        after = keras.optimizers.schedules.CosineDecay(peak, max(steps - warmup, 1))
    elif config.schedule == "steps":
        bounds = [int(0.6 * steps) - warmup, int(0.85 * steps) - warmup]
        after = keras.optimizers.schedules.PiecewiseConstantDecay(bounds, [peak, peak / 10, peak / 100])
    else:
        after = keras.optimizers.schedules.PiecewiseConstantDecay([steps], [peak, peak])
    return WarmUp(peak, warmup, after)


def make_optimizer(config: OptimisationConfig) -> keras.optimizers.Optimizer:
    """Returns Adam, or SGD with the paper's momentum of 0.95.

    The published learning rate of 1e-8 belongs to a loss that was a sum over pixels; on the mean used here it
    corresponds to about 2e-3, its weight decay of 5e-4 to next to nothing.

    Args:
      config: steps and learning rate.
    """
    common = {
        "learning_rate": make_schedule(config),
        "weight_decay": config.weight_decay or None,
        "global_clipnorm": config.clip_norm or None,
        "use_ema": config.ema > 0,
        "ema_momentum": config.ema or 0.99,
        "ema_overwrite_frequency": None,
    }
    if config.optimizer == "sgd":
        return keras.optimizers.SGD(momentum=0.95, **common)
    return keras.optimizers.Adam(**common)


@keras.saving.register_keras_serializable("keras_pose")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """A linear rise from 0 to `peak` over some steps, then another schedule, whose first step is the end of the rise.

    Args:
      peak: learning rate at the end of the rise.
      steps: length of the rise; 0: none.
      after: the schedule that follows.
    """

    def __init__(self, peak: float, steps: int, after: keras.optimizers.schedules.LearningRateSchedule) -> None:
        super().__init__()
        self.peak = peak
        self.steps = steps
        self.after = after

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        """Returns the learning rate of a step, float32 []."""
        step = tf.cast(step, tf.float32)
        rise = self.peak * (step + 1) / (self.steps + 1)
        return tf.where(step < self.steps, rise, self.after(tf.maximum(step - self.steps, 0.0)))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for serialisation."""
        return {"peak": self.peak, "steps": self.steps, "after": keras.saving.serialize_keras_object(self.after)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> WarmUp:
        """Makes the schedule from the arguments that `get_config` returned."""
        return cls(config["peak"], config["steps"], keras.saving.deserialize_keras_object(config["after"]))
