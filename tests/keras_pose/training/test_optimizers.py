"""Learning rates at chosen steps by hand, and optimisers that are what the flags say."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.runs.parts import OptimisationConfig
from keras_pose.training import optimizers


def config(**changes):
    fields = {"steps": 100, "validate_every": 10, "warmup_steps": 20, "learning_rate": 0.5}
    return OptimisationConfig(**{**fields, **changes})


def rates(schedule, steps):
    return [float(schedule(tf.constant(step, tf.int64))) for step in steps]


@pytest.mark.parametrize("schedule", ["cosine", "constant", "steps"])
def test_the_rate_rises_in_even_steps_to_the_peak(schedule):
    rising = rates(optimizers.make_schedule(config(schedule=schedule)), range(21))
    np.testing.assert_allclose(rising, [0.5 * (step + 1) / 21 for step in range(21)], rtol=1e-5)


def test_cosine_falls_to_zero_at_the_last_step():
    found = rates(optimizers.make_schedule(config()), (20, 40, 60, 99, 100, 120))
    expected = [0.25 * (1 + math.cos(math.pi * t / 80)) for t in (0, 20, 40, 79, 80, 80)]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)


def test_constant_stays():
    np.testing.assert_allclose(rates(optimizers.make_schedule(config(schedule="constant")), (20, 60, 99, 200)), 0.5)


@pytest.mark.parametrize("warmup", [0, 20, 70])
def test_steps_divide_by_ten_at_60_and_85_percent(warmup):
    schedule = optimizers.make_schedule(config(schedule="steps", warmup_steps=warmup))
    np.testing.assert_allclose(rates(schedule, (61, 84, 86, 99))[2:], 0.005, rtol=1e-5)
    if warmup <= 20:
        np.testing.assert_allclose(rates(schedule, (59, 61, 84)), [0.5, 0.05, 0.05], rtol=1e-5)


def test_without_warm_up_the_first_step_has_the_peak():
    np.testing.assert_allclose(rates(optimizers.make_schedule(config(warmup_steps=0)), (0,)), 0.5)


def test_warm_up_over_all_steps():
    found = rates(optimizers.make_schedule(config(warmup_steps=100)), (0, 99))
    np.testing.assert_allclose(found, [0.5 / 101, 50 / 101], rtol=1e-5)


@pytest.mark.parametrize("schedule", ["cosine", "constant", "steps"])
def test_a_schedule_survives_its_config(schedule):
    original = optimizers.make_schedule(config(schedule=schedule))
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(original))
    assert isinstance(copy, optimizers.WarmUp)
    assert rates(copy, range(0, 100, 7)) == rates(original, range(0, 100, 7))


def apply(optimizer, gradients, start=1.0):
    variable = keras.Variable(start) if hasattr(keras, "Variable") else tf.Variable(start)
    optimizer.build([variable])
    for gradient in gradients:
        optimizer.apply_gradients([(tf.constant(gradient), variable)])
    return float(np.array(variable))


def plain(**changes):
    fields = {"schedule": "constant", "warmup_steps": 0, "learning_rate": 0.1, "clip_norm": 0.0, "ema": 0.0}
    return optimizers.make_optimizer(config(**{**fields, **changes}))


def test_sgd_has_momentum_of_0_95():
    # v1 = −0.1·1, v2 = 0.95·v1 − 0.1·2
    assert apply(plain(optimizer="sgd"), [1.0, 2.0]) == pytest.approx(1 - 0.1 - (0.095 + 0.2), abs=1e-6)


def test_adam_moves_by_the_rate_at_first():
    assert apply(plain(), [3.0]) == pytest.approx(1 - 0.1, abs=1e-5)


def test_long_gradients_are_shortened():
    assert apply(plain(optimizer="sgd", clip_norm=0.5), [7.0]) == pytest.approx(1 - 0.05, abs=1e-6)
    assert apply(plain(optimizer="sgd", clip_norm=0.5), [0.25]) == pytest.approx(1 - 0.025, abs=1e-6)


def test_weight_decay_is_decoupled():
    assert apply(plain(weight_decay=0.2), [0.0], start=2.0) == pytest.approx(2 - 0.1 * 0.2 * 2, abs=1e-6)


def test_averaging_is_on_only_with_a_decay():
    assert not plain().use_ema
    averaged = plain(ema=0.9)
    assert averaged.use_ema
    assert averaged.ema_momentum == 0.9
    assert averaged.ema_overwrite_frequency is None
