"""Timing of training steps and the rows made of it."""

import time

import numpy as np
import pytest

from benchmarks import input_pipeline
from benchmarks.common.training_steps import StepTimes, time_steps


class SlowModel:
    """Takes 10 ms a step."""

    def __init__(self):
        self.received = []

    def train_on_batch(self, frames, targets, return_dict):
        self.received.append((frames, targets))
        time.sleep(0.01)


def slow_batches(seconds):
    number = 0
    while True:
        time.sleep(seconds)
        yield number, {"joints": number}
        number += 1


def test_waiting_and_working_are_told_apart():
    model = SlowModel()
    times = time_steps(model, slow_batches(0.02), count=3, settle=2)
    assert [frames for frames, _ in model.received] == [0, 1, 2, 3, 4]
    assert times.waits.shape == times.steps.shape == (3,)
    assert (times.waits >= 0.02).all()
    assert (times.steps - times.waits >= 0.01).all()


def test_the_share_of_waiting_is_of_all_the_time():
    times = StepTimes(np.array([0.0, 3.0]), np.array([1.0, 5.0]))
    assert times.waiting_share == pytest.approx(0.5)


def test_rows_of_training():
    def block(wait, step):
        return StepTimes(np.full(4, wait), np.full(4, step))

    blocks = {input_pipeline.NO_PIPELINE: [block(0, 0.1), block(0, 0.2)]}
    for name in input_pipeline.CACHES:
        blocks[f"{name}, first pass"] = [block(0.3, 0.4), block(0.3, 0.4)]
        blocks[f"{name}, later passes"] = [block(0.01, 0.2), block(0.01, 0.4)]
    rows = {row.what: row for row in input_pipeline.training_rows(blocks)}
    assert rows["step time, one batch in memory"].value == pytest.approx(150)
    assert rows["share of time waiting, with cache, first pass"].value == pytest.approx(0.75)
    cached = rows["share of time waiting, with cache, later passes"]
    assert (cached.target, cached.holds) == ("<= 0.05", True)
    assert cached.value == pytest.approx((0.05 + 0.025) / 2)
    assert rows["step time, with cache, later passes / one batch in memory"].value == pytest.approx(2)
    assert [row.what for row in rows.values() if row.target] == [cached.what]


def test_a_first_pass_reads_each_frame_once():
    config = input_pipeline.options.load(input_pipeline.TrainConfig, input_pipeline.QUICKSTART)
    samples = input_pipeline.open_samples(config, 2, cache=False)
    assert len(samples) == 2 * config.optimisation.batch_size
