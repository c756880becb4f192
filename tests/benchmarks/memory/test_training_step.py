"""A training step of a process of its own, and the peak of its memory."""

import os

import numpy as np
import pytest

from benchmarks.memory import training_step
from keras_pose.runs.config import TrainConfig

LITTLE = {"preset": "lite", "width": 0.25, "input_size": "32", "window": 1, "batch_size": 2}


@pytest.mark.skipif(not os.path.exists("/proc"), reason="no /proc")
def test_a_peak_is_measured_from_its_reset_on():
    large = np.ones(25_000_000, np.float64)
    del large
    training_step.reset_peak()
    before = training_step.status_bytes("VmRSS")
    assert training_step.status_bytes("VmHWM") - before < 50e6
    large = np.ones(25_000_000, np.float64)
    del large
    assert 150e6 < training_step.status_bytes("VmHWM") - before < 300e6


def test_the_step_is_that_of_a_training():
    config = TrainConfig.from_flags(run_dir="none", model="flowing", pooling="parametric", warmup_steps=0, **LITTLE)
    model, (inputs, targets) = training_step.prepare_step(config, frozen=True)
    assert tuple(inputs["frames"].shape) == (2, 3, 32, 32, 3)
    assert set(inputs) == {"frames", "valid", "flows"}
    before = [np.array(weight) for weight in model.trainable_variables]
    assert len(before) == 2  # weights and bias of the pooling
    assert np.isfinite(model.train_on_batch(inputs, targets, return_dict=True)["loss"])
    assert any((np.array(w) != b).any() for w, b in zip(model.trainable_variables, before))
