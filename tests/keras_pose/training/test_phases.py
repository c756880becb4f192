"""Phases: the pooling first, then all together; other nets have one."""

import pytest

from keras_pose.models import factory
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs.config import TrainConfig
from keras_pose.training import phases

FLAGS = {
    "run_dir": "unused",
    "model": "flowing",
    "pooling": "parametric",
    "steps": 600,
    "learning_rate": 1e-3,
    "pooling_learning_rate": 0.02,
    "window": 1,
}


def plan(config):
    return phases.plan_phases(config.optimisation, config.phases)


def test_one_phase_is_the_run_itself():
    config = TrainConfig.from_flags(run_dir="unused", steps=600)
    assert plan(config) == [phases.Phase("", 0, 600, False, config.optimisation)]


def test_pooling_comes_first_with_its_own_rate_and_schedule():
    first, second = plan(TrainConfig.from_flags(**FLAGS, pooling_steps=200))
    assert (first.first, first.last, first.frozen) == (0, 200, True)
    assert (second.first, second.last, second.frozen) == (200, 600, False)
    learned = first.optimisation
    assert (learned.steps, learned.learning_rate, learned.ema) == (200, 0.02, 0.9)
    assert (second.optimisation.steps, second.optimisation.learning_rate) == (400, 1e-3)


def test_pooling_alone_is_one_phase():
    (only,) = plan(TrainConfig.from_flags(**FLAGS, pooling_steps=600))
    assert only.frozen


@pytest.mark.parametrize(("frozen", "arrays"), [(True, 2), (False, None)])
def test_a_frozen_net_leaves_the_pooling_to_learn(frozen, arrays):
    config = TrainConfig.from_flags(**FLAGS, width=0.25, input_size="32")
    model = factory.build_net(config.model, config.window, 3)
    everything = len(model.trainable_variables)
    net = PoseNet(model)
    net.freeze_frame_net(not frozen)
    net.freeze_frame_net(frozen)
    assert len(model.trainable_variables) == (arrays or everything)
    assert net.frame_net().model.trainable is not frozen


def test_a_pooling_that_was_fitted_learns_in_no_phase():
    config = TrainConfig.from_flags(**FLAGS, pooling_steps=200)
    fitted = phases.plan_phases(config.optimisation, config.phases, pooling_is_fitted=True)
    found = [(phase.last, phase.frozen, phase.keeps_pooling) for phase in fitted]
    assert found == [(200, True, True), (600, False, True)]
    assert not any(phase.keeps_pooling for phase in plan(config))
