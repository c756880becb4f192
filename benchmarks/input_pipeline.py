"""Does training wait for its input? `python -m benchmarks.input_pipeline [--quick] [--json=<file>]`.

The quickstart's net is trained on its synthetic signers with and without the memory cache, and, for comparison, on
one batch that is already there, so that no pipeline runs at all. These take turns in blocks of steps; each block opens
its pipeline anew, so that nothing is prepared while others train.

Two figures, for they say different things. The share of time waiting is what a faster pipeline could save at most where
the pipeline has cores of its own. The ratio of step times also has what the pipeline takes from training where both
share the cores, as on a CPU. A first pass draws the synthetic frames; they stay in a memory of their own, so later
passes without the cache still crop and shrink each frame, and do not draw it again.
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
import os
import time

import numpy as np

from benchmarks.common import harness, training_steps
from keras_pose import options
from keras_pose.data import selection
from keras_pose.data.open_source import open_source
from keras_pose.data.samples import Samples
from keras_pose.runs.config import TrainConfig
from keras_pose.training import runner, strategy, trainer

QUICKSTART = os.path.join(os.path.dirname(__file__), "..", "configs", "quickstart.flags")
SETTLE_STEPS = 8  # more than the batches that the pipeline holds ready
NO_PIPELINE = "one batch in memory"
CACHES = {"with cache": True, "without cache": False}
FIRST, LATER = "{}, first pass", "{}, later passes"
TARGET_SHARE = "<= 0.05"


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much is measured: `rounds` turns of all cases, `steps` of a block, of which a first pass has all frames."""

    rounds: int
    steps: int


def open_samples(config, steps, cache) -> Samples:
    """Opens frames for a pass of `steps` steps from a new source, which has drawn nothing yet."""
    data = config.data
    clips = -(-steps * config.optimisation.batch_size // data.signer_frames)
    size_hw = (data.signer_size, data.signer_size)
    source = open_source(data.source, num_clips=clips, num_frames=data.signer_frames, size_hw=size_hw)
    return Samples(source.clips, config.model.input_size_hw, cache=cache, hidden_weight=config.loss.hidden_weight)


def measure_training(model, config, mirroring, sizes) -> dict:
    """Trains in blocks, all cases in turn.

    Returns:
      dict case -> list of `StepTimes`, one a round.
    """
    blocks = collections.defaultdict(list)
    batch = next(training_steps.open_batches(model, open_samples(config, 1, True), config, mirroring))
    fixed = itertools.repeat(batch)
    for _ in range(sizes.rounds):
        blocks[NO_PIPELINE].append(training_steps.time_steps(model, fixed, sizes.steps, SETTLE_STEPS))
        for name, cache in CACHES.items():
            samples = open_samples(config, sizes.steps, cache)
            # All of a first pass counts: most frames are drawn in its first steps.
            passes = ((FIRST.format(name), 0, 0), (LATER.format(name), sizes.steps, SETTLE_STEPS))
            for case, start_step, settle in passes:
                batches = training_steps.open_batches(model, samples, config, mirroring, start_step)
                blocks[case].append(training_steps.time_steps(model, batches, sizes.steps, settle))
                del batches  # stops its threads
    return dict(blocks)


def training_rows(blocks) -> list:
    """Returns the rows of what `measure_training` measured.

    Step times spread over the steps; shares of waiting, and the ratio of median step times, over the rounds.
    """
    rows = []
    for case, times in blocks.items():
        steps = np.concatenate([block.steps for block in times])
        rows.append(harness.Spread.of(steps).row(f"step time, {case}", "ms", 1e3))
    for case, times in blocks.items():
        if case != NO_PIPELINE:
            shares = harness.Spread.of([block.waiting_share for block in times])
            target = TARGET_SHARE if case == LATER.format("with cache") else None
            rows.append(shares.row(f"share of time waiting, {case}", "of step time", target=target))
    alone = np.array([np.median(block.steps) for block in blocks[NO_PIPELINE]])
    for case in map(LATER.format, CACHES):
        ratios = np.array([np.median(block.steps) for block in blocks[case]]) / alone
        rows.append(harness.Spread.of(ratios).row(f"step time, {case} / {NO_PIPELINE}", "times"))
    return rows


def pipeline_rows(model, config, mirroring, sizes) -> list:
    """Frames a second of the pipeline with nobody training, rounds in turn."""
    rates = collections.defaultdict(list)
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
    return [harness.Spread.of(r).row(f"pipeline alone, {case}", "frames/s") for case, r in rates.items()]


def main(argv=None):
    arguments = harness.parse_arguments("Whether training waits for its input.", argv)
    sizes = Sizes(rounds=2, steps=3) if arguments.quick else Sizes(rounds=4, steps=24)
    config = options.load(TrainConfig, QUICKSTART)
    strategy.set_numerics(config.optimisation.seed, config.device.mixed_precision)
    source = open_source(config.data.source, num_clips=1)
    mirroring = selection.decide_mirroring(config.augmentation, source.skeleton)
    with strategy.make_strategy(config.device.devices).scope():
        model = runner.build(config, source.skeleton)
        trainer.compile_model(model, config.optimisation, config.loss, config.device.xla)
    rows = training_rows(measure_training(model, config, mirroring, sizes))
    rows += pipeline_rows(model, config, mirroring, dataclasses.replace(sizes, rounds=2))
    harness.report("input_pipeline", rows, arguments)


if __name__ == "__main__":
    main()
