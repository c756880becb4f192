"""Times training steps one by one: how long each waits for its batch, and how long it takes in all.

The step is the one that `train.py` makes (`train_on_batch` of the compiled net), only that the batch is taken outside
of it, so that waiting can be told from working. Both end when the loss has been read back.
"""

from __future__ import annotations

import dataclasses
import time

import keras
import numpy as np

from keras_pose.data import pipeline, selection
from keras_pose.data.samples import Samples
from keras_pose.models.pose_net import PoseNet
from keras_pose.training import runner, strategy, trainer


@dataclasses.dataclass(frozen=True)
class StepTimes:
    """Seconds of consecutive training steps.

    Args:
      waits: float64 [N], time blocked in `next`, waiting for the batch.
      steps: float64 [N], time of the whole step, the wait included.
    """

    waits: np.ndarray
    steps: np.ndarray

    @property
    def waiting_share(self) -> float:
        """Share of all the time that was spent waiting, 0 to 1."""
        return float(self.waits.sum() / self.steps.sum())


def time_steps(model, batches, count, settle=0) -> StepTimes:
    """Trains for some steps and times them.

    Args:
      model: compiled `keras.Model`.
      batches: iterator of (frames, {output: targets}).
      count: steps that are timed.
      settle: steps before them, in which tracing ends and buffers come to their usual level.
    """
    moments = []
    for _ in range(settle + count):
        begin = time.perf_counter()
        frames, targets = next(batches)
        received = time.perf_counter()
        model.train_on_batch(frames, targets, return_dict=True)
        moments.append((begin, received, time.perf_counter()))
    begin, received, end = np.array(moments[settle:]).T
    return StepTimes(received - begin, end - begin)


def open_batches(model, samples, config, mirroring, start_step=0):
    """Opens the batches that `train.py` would train on, from a step on.

    Deleting the iterator stops the pipeline's threads.

    Args:
      model: `keras.Model`.
      samples: `Samples`.
      config: `TrainConfig`, for batch size, seed and augmentation.
      mirroring: `Mirroring`.
      start_step: the first step.

    Returns:
      Endless iterator of (frames float32 [B, H, W, 3], {output: targets float32 [B, J, 3]}).
    """
    dataset = pipeline.make_training_dataset(
        samples,
        config.optimisation.batch_size,
        config.optimisation.seed,
        config.augmentation,
        mirroring,
        np.iinfo(np.int64).max,
        start_step,
    )
    return iter(dataset.map(PoseNet(model).training_pair))


def measure_step_seconds(configs, blocks, steps_per_block) -> dict:
    """Measures a training step of several nets, each on its own pipeline, the nets in turn.

    Args:
      configs: dict name -> `TrainConfig`; all their frames are in memory before.
      blocks: turns of each net.
      steps_per_block: steps that are timed in a turn.

    Returns:
      dict name -> median seconds of a step.
    """
    nets, seconds = {name: _prepare(config) for name, config in configs.items()}, {name: [] for name in configs}
    for _ in range(blocks):
        for name, (model, samples, mirroring) in nets.items():
            batches = open_batches(model, samples, configs[name], mirroring)
            seconds[name] += time_steps(model, batches, steps_per_block, settle=5).steps.tolist()
            del batches
    keras.backend.clear_session()
    return {name: float(np.median(times)) for name, times in seconds.items()}


def _prepare(config):
    """Returns the compiled net, all its frames in memory, and the mirroring."""
    strategy.set_numerics(config.optimisation.seed, config.device.mixed_precision)
    source = selection.open_data(config.data.source, config.data)
    samples = Samples(source.clips, config.model.input_size_hw)
    samples.read_batch(range(len(samples)))
    with strategy.make_strategy(config.device.devices).scope():
        model = runner.build(config, source.skeleton)
        trainer.compile_model(model, config.optimisation, config.loss, config.device.xla)
    return model, samples, selection.decide_mirroring(config.augmentation, source.skeleton)
