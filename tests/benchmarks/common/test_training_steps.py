"""Training steps are timed with and without the wait for their batch."""

import time

import numpy as np
import pytest

from benchmarks.common.training_steps import StepTimes, measure_step_seconds, time_steps
from keras_pose.runs.config import TrainConfig
from tests.helpers import tiny


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


@pytest.mark.slow
def test_steps_of_several_nets_are_measured_in_turn():
    flags = {**tiny.FLAGS, "run_dir": "", "data": "signers:train:2"}
    configs = {name: TrainConfig.from_flags(**flags, model=name) for name in ("heatmap", "coordinate")}
    seconds = measure_step_seconds(configs, blocks=1, steps_per_block=2)
    assert seconds.keys() == configs.keys()
    assert all(value > 0 for value in seconds.values())
