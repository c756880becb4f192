"""Does training wait for its input? `python -m benchmarks.input_pipeline [--quick] [--json=<file>]`.

The quickstart's net is trained on its synthetic signers with and without the memory cache and, for comparison, on one
batch that is already in memory, without any pipeline. These cases take turns in blocks of steps. Each block opens a new
pipeline, so that nothing is prepared while other cases train.

Two figures answer two questions. The share of time spent waiting is the most that a faster pipeline could save if it
had cores of its own. The ratio of step times also includes the time that the pipeline takes from training if both share
the cores, as on a CPU. The first pass draws the synthetic frames, which are kept in a memory of their own; later passes
without the cache crop and reduce each frame again, but do not draw it again.
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
import time
from collections.abc import Mapping, Sequence

import keras
import numpy as np

from benchmarks.common import harness, training_steps, trainings
from benchmarks.common.rows import Row, Spread
from benchmarks.common.training_steps import StepTimes
from keras_pose.data.augment import Mirroring
from keras_pose.data.mirroring import decide_mirroring
from keras_pose.data.open_source import open_source
from keras_pose.data.samples import Samples
from keras_pose.runs.config import TrainConfig
from keras_pose.training import runner, strategy, trainer

SETTLE_STEPS = 8  # more than the batches that the pipeline prefetches
NO_PIPELINE = "one batch in memory"
CACHES = {"with cache": True, "without cache": False}
FIRST = "{}, first pass"
LATER = "{}, later passes"
TARGET_SHARE = "<= 0.05"


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Args:
      rounds: turns of each case.
      steps: steps of a block; a first pass reads all frames in them.
    """

    rounds: int
    steps: int


def open_samples(config: TrainConfig, steps: int, cache: bool) -> Samples:
    """Opens the samples of a pass of `steps` steps, from a new source that has not drawn any frame yet."""
    data = config.data
    num_clips = -(-steps * config.optimisation.batch_size // data.signer_frames)
    size_hw = (data.signer_size, data.signer_size)
    source = open_source(data.source, num_clips=num_clips, num_frames=data.signer_frames, size_hw=size_hw)
    return Samples(source.clips, config.model.input_size_hw, cache=cache, hidden_weight=config.loss.hidden_weight)


def measure_training(
    model: keras.Model, config: TrainConfig, mirroring: Mirroring, sizes: Sizes
) -> dict[str, list[StepTimes]]:
    """Trains in blocks; the cases take turns.

    Returns:
      Times by case, one entry per round.
    """
    blocks: dict[str, list[StepTimes]] = collections.defaultdict(list)
    batch = next(training_steps.open_batches(model, open_samples(config, 1, True), config, mirroring))
    fixed = itertools.repeat(batch)
    for _ in range(sizes.rounds):
        blocks[NO_PIPELINE].append(training_steps.time_steps(model, fixed, sizes.steps, SETTLE_STEPS))
        for name, cache in CACHES.items():
            samples = open_samples(config, sizes.steps, cache)
            # Every step of a first pass counts: most frames are drawn in the first ones.
            passes = ((FIRST.format(name), 0, 0), (LATER.format(name), sizes.steps, SETTLE_STEPS))
            for case, start_step, settle in passes:
                batches = training_steps.open_batches(model, samples, config, mirroring, start_step)
                blocks[case].append(training_steps.time_steps(model, batches, sizes.steps, settle))
                del batches  # stops its threads
    return dict(blocks)


def training_rows(blocks: Mapping[str, Sequence[StepTimes]]) -> list[Row]:
    """Returns the rows of what `measure_training` measured.

    The spread of step times is over the steps; that of waiting shares and of ratios of median step times is over the
    rounds.
    """
    rows = []
    for case, times in blocks.items():
        steps = np.concatenate([block.steps for block in times])
        rows.append(Spread.from_samples(steps).to_row(f"step time, {case}", "ms", 1e3))
    for case, times in blocks.items():
        if case != NO_PIPELINE:
            shares = Spread.from_samples([block.waiting_share for block in times])
            target = TARGET_SHARE if case == LATER.format("with cache") else None
            rows.append(shares.to_row(f"share of time waiting, {case}", "of step time", target=target))
    alone = np.array([np.median(block.steps) for block in blocks[NO_PIPELINE]])
    for case in map(LATER.format, CACHES):
        ratios = np.array([np.median(block.steps) for block in blocks[case]]) / alone
        rows.append(Spread.from_samples(ratios).to_row(f"step time, {case} / {NO_PIPELINE}", "times"))
    return rows


def pipeline_rows(model: keras.Model, config: TrainConfig, mirroring: Mirroring, sizes: Sizes) -> list[Row]:
    """Returns rows of the frames a second of the pipeline alone, without training; the cases take turns."""
    rates: dict[str, list[float]] = collections.defaultdict(list)
    for _ in range(sizes.rounds):
        for name, cache in CACHES.items():
            samples = open_samples(config, sizes.steps, cache)
            for case, start_step in ((FIRST.format(name), 0), (LATER.format(name), sizes.steps)):
                batches = training_steps.open_batches(model, samples, config, mirroring, start_step)
                begin = time.perf_counter()
                for _ in range(sizes.steps):
                    next(batches)
                rates[case].append(sizes.steps * config.optimisation.batch_size / (time.perf_counter() - begin))
                del batches
    return [Spread.from_samples(r).to_row(f"pipeline alone, {case}", "frames/s") for case, r in rates.items()]


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = harness.parse_arguments("Whether training waits for its input.", argv)
    sizes = Sizes(rounds=2, steps=3) if arguments.quick else Sizes(rounds=4, steps=24)
    config = trainings.load_config(trainings.QUICKSTART)
    strategy.set_numerics(config.optimisation.seed, config.device.mixed_precision)
    source = open_source(config.data.source, num_clips=1)
    mirroring = decide_mirroring(config.augmentation, source.skeleton)
    with strategy.make_strategy(config.device.devices).scope():
        model = runner.build(config, source.skeleton)
        trainer.compile_model(model, config.optimisation, config.loss, config.device.xla)
    rows = training_rows(measure_training(model, config, mirroring, sizes))
    rows += pipeline_rows(model, config, mirroring, dataclasses.replace(sizes, rounds=2))
    harness.report("input_pipeline", rows, arguments)


if __name__ == "__main__":
    main()
