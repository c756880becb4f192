"""Measures how long a training takes, by a few steps of it."""

from __future__ import annotations

import time

import keras
import numpy as np

from keras_pose.choosing import duration
from keras_pose.data import mirroring, pipeline
from keras_pose.data.samples import Samples
from keras_pose.data.selection import DataSplit
from keras_pose.evaluation import other_parts
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import temporal_choice
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton
from keras_pose.training import runner, trainer

_COSTLY = "parametric"
_STEPS = 5  # the first of them traces the graph
_VALIDATION_SHARE = 0.35  # time of a frame in a validation, as a part of its time in a step: forwards only


def estimate_seconds(config: TrainConfig, split: DataSplit, skeleton: Skeleton) -> float:
    """Returns the seconds that a training takes, its validations included, without the evaluation at the end.

    A flowing net's single-frame net is measured too, and with --pooling=auto the choice is estimated from it. Frames
    are decoded in the first pass only if they are kept.

    Args:
      config: the configuration; nothing of it is written.
      split: the clips.
      skeleton: the joints.
    """
    total = 0.0
    chooses = temporal_choice.is_open(config)
    if config.phases.net_steps or chooses:
        batch_size = config.phases.net_batch_size
        steps = config.phases.net_steps or 1
        alone = config.of_frame_net().replace(steps=steps, batch_size=batch_size, warmup_steps=0)
        measured = measure_step(alone, split, skeleton)
        if config.phases.net_steps:
            total += _training_seconds(alone, split, measured)
        if chooses:
            total += duration.estimate_seconds(config, split, skeleton.num_joints, *measured[:2], batch_size)
    if chooses:  # a kind that learns costs most
        config = config.replace(pooling=_COSTLY)
    return total + _training_seconds(config, split, measure_step(config, split, skeleton))


def _training_seconds(config, split, measured):
    start_s, step_s, batch_read_s = measured
    steps = config.optimisation.steps
    batch = config.optimisation.batch_size
    count = sum(clip.num_labelled for clip in split.train)
    held_out = sum(clip.num_labelled for clip in split.validation)
    passes = 1 if config.data.cache else steps * batch / count
    validations = -(-steps // config.optimisation.validate_every)
    reading = batch_read_s * passes * (count + held_out) / batch
    return start_s + steps * step_s + validations * held_out / batch * step_s * _VALIDATION_SHARE + reading


def measure_step(config: TrainConfig, split: DataSplit, skeleton: Skeleton) -> tuple[float, float, float]:
    """Runs a few steps with new weights.

    Args:
      config: the configuration.
      split: the clips; as many frames as a step has are read.
      skeleton: the joints.

    Returns:
      Seconds until the first step is done, of a further step, and of reading the frames of one step for the first time.
    """
    began = time.monotonic()
    clips = other_parts.sample_clips(split.train, config.optimisation.batch_size)
    window = (config.model.input_size_hw, config.offsets)
    samples = Samples(clips, *window, estimate_flow=config.open_flow())
    samples.read_batch(range(len(samples)))
    read_s = time.monotonic() - began
    began = time.monotonic()
    model = runner.build(config, skeleton)
    trainer.compile_model(model, config.optimisation, config.loss, config.device.xla)
    mirrored = mirroring.decide_mirroring(config.augmentation, skeleton)
    dataset = pipeline.make_training_dataset(
        samples, config.optimisation.batch_size, 0, config.augmentation, mirrored, _STEPS, 0
    )
    ends = _Ends()
    model.fit(
        dataset.map(PoseNet(model).training_pair), steps_per_epoch=_STEPS, verbose=0, shuffle=False, callbacks=[ends]
    )
    return ends.times[0] - began, float(np.median(np.diff(ends.times))), read_s


class _Ends(keras.callbacks.Callback):
    """Notes when each step ends."""

    def __init__(self):
        super().__init__()
        self.times = []

    def on_train_batch_end(self, batch, logs=None):
        self.times.append(time.monotonic())
