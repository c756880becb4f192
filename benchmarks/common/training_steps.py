"""Times training steps one by one: how long each waits for its batch, and how long it takes in all.

A step is the one that `train.py` runs (`train_on_batch` of the compiled net), except that the batch is fetched outside
it, so that waiting and computing can be told apart. Both end when the loss has been read back.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from keras_pose.data import pipeline, selection
from keras_pose.data.augment import Mirroring
from keras_pose.data.mirroring import decide_mirroring
from keras_pose.data.samples import Samples
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs.config import TrainConfig
from keras_pose.training import runner, strategy, trainer


@dataclasses.dataclass(frozen=True)
class StepTimes:
    """Seconds of consecutive training steps.

    Args:
      waits: float64 [N], time spent in `next`, waiting for the batch.
      steps: float64 [N], time of the whole step, including the wait.
    """

    waits: np.ndarray
    steps: np.ndarray

    @property
    def waiting_share(self) -> float:
        """Share of the total time that was spent waiting, 0 to 1."""
        return float(self.waits.sum() / self.steps.sum())


def time_steps(model: keras.Model, batches: Iterator, count: int, settle: int = 0) -> StepTimes:
    """Trains for some steps and times them.

    Args:
      model: compiled `keras.Model`.
      batches: iterator of (inputs, {output: targets}).
      count: timed steps.
      settle: untimed steps at the start, in which tracing ends and buffers reach their usual level.
    """
    moments = []
    for _ in range(settle + count):
        begin = time.perf_counter()
        inputs, targets = next(batches)
        received = time.perf_counter()
        model.train_on_batch(inputs, targets, return_dict=True)
        moments.append((begin, received, time.perf_counter()))
    begins, receipts, ends = np.array(moments[settle:]).T
    return StepTimes(receipts - begins, ends - begins)


def open_batches(
    model: keras.Model, samples: Samples, config: TrainConfig, mirroring: Mirroring, start_step: int = 0
) -> Iterator[Any]:
    """Opens the batches that `train.py` would train on, from a step on.

    If the iterator is deleted, the threads of the pipeline stop.

    Args:
      model: net to feed.
      samples: what to draw from.
      config: batch size, seed and augmentation.
      mirroring: how often frames are mirrored.
      start_step: the first step.

    Returns:
      Endless iterator of (inputs of the net, {output: targets float32 [B, J, 3]}).
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


def measure_step_seconds(configs: Mapping[str, TrainConfig], blocks: int, steps_per_block: int) -> dict[str, float]:
    """Measures a training step of several nets, each on its own pipeline; the nets take turns.

    Args:
      configs: configuration of each net. All frames are read into memory before the first turn.
      blocks: turns of each net.
      steps_per_block: timed steps of a turn.

    Returns:
      Median seconds of a step, by name of the net.
    """
    nets = {name: _prepare(config) for name, config in configs.items()}
    seconds: dict[str, list[float]] = {name: [] for name in configs}
    for _ in range(blocks):
        for name, (model, samples, mirroring) in nets.items():
            batches = open_batches(model, samples, configs[name], mirroring)
            seconds[name] += time_steps(model, batches, steps_per_block, settle=5).steps.tolist()
            del batches
    keras.backend.clear_session()
    return {name: float(np.median(times)) for name, times in seconds.items()}


def _prepare(config):
    """Returns the compiled net, samples with all frames in memory, and the mirroring."""
    strategy.set_numerics(config.optimisation.seed, config.device.mixed_precision)
    source = selection.open_data(config.data.source, config.data)
    samples = Samples(source.clips, config.model.input_size_hw)
    samples.read_batch(range(len(samples)))
    with strategy.make_strategy(config.device.devices).scope():
        model = runner.build(config, source.skeleton)
        trainer.compile_model(model, config.optimisation, config.loss, config.device.xla)
    return model, samples, decide_mirroring(config.augmentation, source.skeleton)
