"""Checkpoints: everything comes back to the last bit, the newest two are kept, and nothing wrong is loaded."""

import os

import keras
import numpy as np
import pytest

from keras_pose.runs.parts import OptimisationConfig
from keras_pose.training import checkpoint, optimizers
from tests.helpers import full_disk

CONFIG = OptimisationConfig(warmup_steps=2, ema=0.9)


def make_model(units=4, policy="float32"):
    keras.mixed_precision.set_global_policy(policy)
    try:
        frames = keras.Input((3,), name="frames")
        x = keras.layers.BatchNormalization()(keras.layers.Dense(units)(frames))
        model = keras.Model(frames, keras.layers.Dense(2, dtype="float32", name="out")(x))
        model.compile(optimizer=optimizers.make_optimizer(CONFIG), loss="mse", jit_compile=False)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    model.optimizer.build(model.trainable_variables)
    return model


def train(model, steps):
    rng = np.random.default_rng(steps)
    for _ in range(steps):
        model.train_on_batch(rng.normal(size=(8, 3)).astype(np.float32), rng.normal(size=(8, 2)).astype(np.float32))


def state(model):
    return [np.array(v) for v in [*model.get_weights(), *checkpoint._optimizer_variables(model)]]


def assert_same_state(a, b):
    assert len(a) == len(b)
    for x, y in zip(a, b):
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_weights_moments_averages_and_memory_come_back(tmp_path, policy):
    model = make_model(policy=policy)
    train(model, 3)
    memory = {"keeper": {"best": 0.5, "best_step": 3}, "history": [{"step": 3, "loss": float("nan")}]}
    checkpoint.save(str(tmp_path), 3, model, memory)
    other = make_model(policy=policy)
    train(other, 1)
    step, remembered = checkpoint.restore(str(tmp_path), other)
    assert step == 3
    assert repr(remembered) == repr(memory)
    assert_same_state(state(other), state(model))
    # 2 moments and an average of each of the 6 variables, and the step
    assert len(checkpoint._optimizer_variables(model)) >= 19
    train(model, 2)
    train(other, 2)
    assert_same_state(state(other), state(model))


def test_the_state_of_loss_scaling_is_part_of_it():
    variables = checkpoint._optimizer_variables(make_model(policy="mixed_float16"))
    scales = [v for v in variables if v.shape == () and float(np.array(v)) == 2.0**15]
    assert len(scales) == 1


@pytest.mark.parametrize("name", ["checkpoints", "run [lr=1e-3]", "a*b", "%d", "{x}", "ü n", "[", "what?"])
def test_the_newest_two_are_kept_and_the_newest_is_restored(tmp_path, name):
    tmp_path = tmp_path / name
    model = make_model()
    for step in (5, 10, 15):
        train(model, 1)
        checkpoint.save(str(tmp_path), step, model, {})
    assert sorted(os.listdir(tmp_path)) == ["step-00000010.npz", "step-00000015.npz"]
    assert checkpoint.restore(str(tmp_path), make_model())[0] == 15


def test_nothing_there_leaves_the_model_as_it_is(tmp_path):
    model = make_model()
    before = state(model)
    assert checkpoint.restore(str(tmp_path / "none"), model) == (0, None)
    assert_same_state(state(model), before)


def test_another_model_is_refused_and_not_changed(tmp_path):
    checkpoint.save(str(tmp_path), 3, make_model(), {})
    other = make_model(units=5)
    before = state(other)
    with pytest.raises(ValueError, match=r"step-00000003.npz: expected the \d+ arrays of this model and its optimiser"):
        checkpoint.restore(str(tmp_path), other)
    assert_same_state(state(other), before)


def test_a_half_written_file_is_ignored_and_cleared_away(tmp_path):
    model = make_model()
    checkpoint.save(str(tmp_path), 3, model, {})
    stale = tmp_path / ".writing-abc-step-00000006.npz"
    stale.write_bytes(b"PK half")
    assert checkpoint.restore(str(tmp_path), make_model())[0] == 3

    with full_disk.limit_file_size(1000), pytest.raises(OSError, match="step-00000006.npz: cannot be written: File"):
        checkpoint.save(str(tmp_path), 6, model, {})
    assert sorted(os.listdir(tmp_path)) == [stale.name, "step-00000003.npz"]
    assert checkpoint.restore(str(tmp_path), make_model())[0] == 3
    checkpoint.save(str(tmp_path), 6, model, {})
    assert not stale.exists()
    assert sorted(os.listdir(tmp_path)) == ["step-00000003.npz", "step-00000006.npz"]


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"x" * 99])
def test_a_damaged_checkpoint_is_named_with_the_way_on(tmp_path, damage):
    model = make_model()
    for step in (3, 6):
        checkpoint.save(str(tmp_path), step, model, {})
    newest = tmp_path / "step-00000006.npz"
    newest.write_bytes(damage(newest.read_bytes()))
    before = state(model)
    with pytest.raises(
        ValueError, match=r"6\.npz: the checkpoint is damaged .*; remove it to resume from step-00000003"
    ):
        checkpoint.restore(str(tmp_path), model)
    assert_same_state(state(model), before)
