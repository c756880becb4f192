"""Callbacks: the step of a NaN, averages that leave no trace, weights that are kept, what a validation keeps."""

import io
import os

import h5py
import keras
import numpy as np
import pytest

from keras_pose.runs import snapshots
from keras_pose.runs.parts import OptimisationConfig
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.training import callbacks, checkpoint, optimizers, strategy
from keras_pose.training.progress import Progress
from tests.helpers import full_disk, tiny


def make_model(**changes):
    config = OptimisationConfig(**{"warmup_steps": 0, "ema": 0.5, "optimizer": "sgd", **changes})
    frames = keras.Input((3,), name="frames")
    x = keras.layers.BatchNormalization(momentum=0.5)(keras.layers.Dense(4)(frames))
    model = keras.Model(frames, {"out": keras.layers.Dense(2, name="out")(x)})
    model.compile(optimizer=optimizers.make_optimizer(config), loss={"out": "mse"}, jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    return model


def averaged_for(model):
    averaged = callbacks.AveragedWeights(strategy.make_strategy("1"))
    averaged.set_model(model)
    return averaged


def train(model, steps=3):
    """Trains; returns the trainable weights before and after each step."""
    rng = np.random.default_rng(0)
    seen = [trainable(model)]
    for _ in range(steps):
        model.train_on_batch(rng.normal(size=(8, 3)), {"out": rng.normal(size=(8, 2))})
        seen.append(trainable(model))
    return seen


def trainable(model):
    return [np.array(v) for v in model.trainable_variables]


def assert_equal(a, b):
    for x, y in zip(a, b):
        np.testing.assert_array_equal(x, y)


def test_a_nan_is_reported_with_its_step():
    guard = callbacks.StopAtNaN(10)
    guard.on_train_batch_end(0, {"loss": 1.0})
    guard.on_train_batch_end(1, {"loss": 1e30})
    with pytest.raises(callbacks.NonFiniteLossError, match=r"the loss of step 13 is nan.*--learning_rate"):
        guard.on_train_batch_end(2, {"loss": float("nan")})
    with pytest.raises(callbacks.NonFiniteLossError, match="the loss of step 1 is inf"):
        callbacks.StopAtNaN(0).on_train_batch_end(0, {"loss": float("inf")})


def test_averages_take_the_place_of_the_weights_and_leave_no_trace():
    model = make_model()
    averaged = averaged_for(model)
    seen = train(model)
    # Keras 2 averages from the initial weights on, Keras 3 from those of the first step.
    expected = seen[0] if keras.__version__.startswith("2.") else seen[1]
    for weights in seen[1:]:
        expected = [0.5 * a + 0.5 * w for a, w in zip(expected, weights)]
    before = [np.array(w) for w in model.get_weights()]
    with averaged.applied():
        for found, value in zip(trainable(model), expected):
            np.testing.assert_allclose(found, value, rtol=1e-5, atol=1e-7)
        assert not np.array_equal(trainable(model)[0], seen[-1][0])
    assert_equal(model.get_weights(), before)
    averaged.on_test_begin()
    assert not np.array_equal(trainable(model)[0], seen[-1][0])
    averaged.on_test_end()
    assert_equal(model.get_weights(), before)


def test_raw_weights_come_back_after_an_error():
    model = make_model()
    averaged = averaged_for(model)
    raw = train(model)[-1]
    with pytest.raises(RuntimeError), averaged.applied():
        raise RuntimeError
    assert_equal(trainable(model), raw)


def test_without_averaging_nothing_moves():
    model = make_model(ema=0.0)
    averaged = averaged_for(model)
    raw = train(model)[-1]
    with averaged.applied():
        assert_equal(trainable(model), raw)
    assert_equal(trainable(model), raw)


def keeper_for(model, path, patience=0, memory=None):
    keeper = callbacks.KeepWeights(str(path), averaged_for(model), patience, memory)
    keeper.set_model(model)
    return keeper


WORSE = [5.0, 6.0, 7.0]
BEST = [4.0, 4.9, 6.1]
EQUAL = [6.0, 4.5, 5.0]


def test_the_averaged_weights_are_kept_unless_they_are_worse(tmp_path):
    path = tmp_path / "model.weights.h5"
    model = make_model()
    train(model)
    keeper = keeper_for(model, path)
    keeper.observe(10, 5.0, BEST)
    train(model)
    keeper.observe(20, 5.0, EQUAL)
    assert keeper.described == "kept the weights of step 20, which validation cannot tell from the best of step 10"
    with keeper._averaged.applied():
        expected = [np.array(w) for w in model.get_weights()]
    train(model)
    keeper.observe(30, 6.0, WORSE)
    assert keeper.memory == {"best": 5.0, "best_groups": BEST, "best_step": 10, "waited": 2, "kept_step": 20}
    other = make_model()
    other.load_weights(str(path))
    assert_equal(other.get_weights(), expected)
    keeper.observe(40, 4.0, WORSE)
    assert keeper.memory == {"best": 4.0, "best_groups": WORSE, "best_step": 40, "waited": 0, "kept_step": 40}
    assert keeper.described == "kept the weights of step 40"
    other.load_weights(str(path))
    assert not np.array_equal(other.get_weights()[0], expected[0])
    with h5py.File(path) as file:
        assert "optimizer" not in file
    assert os.listdir(tmp_path) == ["model.weights.h5"]


def test_an_error_that_is_nan_is_worse_than_any(tmp_path):
    keeper = keeper_for(make_model(), tmp_path / "model.weights.h5", patience=2)
    keeper.observe(1, float("nan"))
    assert (tmp_path / "model.weights.h5").exists()
    keeper.observe(2, 9.0)
    assert keeper.memory["best"] == 9.0
    keeper.observe(3, float("nan"))
    assert keeper.memory == {"best": 9.0, "best_groups": [], "best_step": 2, "waited": 1, "kept_step": 2}


def test_a_checkpoint_of_an_earlier_version_is_continued(tmp_path):
    path = tmp_path / "model.weights.h5"
    keeper = keeper_for(make_model(), path, memory={"best": 5.0, "best_step": 10, "waited": 1})
    assert keeper.memory["kept_step"] == 10
    keeper.observe(20, 6.0, WORSE)  # nothing is known of the groups of the best
    assert (keeper.memory["kept_step"], keeper.memory["waited"]) == (20, 2)
    assert path.exists()


def test_patience_counts_across_a_resume(tmp_path):
    model = make_model()
    keeper = keeper_for(model, tmp_path / "model.weights.h5", patience=2)
    keeper.observe(1, 1.0)
    keeper.observe(2, 2.0)
    assert not keeper.exhausted
    resumed = keeper_for(model, tmp_path / "model.weights.h5", patience=2, memory=keeper.memory)
    resumed.observe(3, 2.0)
    assert resumed.exhausted
    assert not keeper_for(model, tmp_path / "w.h5", patience=0, memory=resumed.memory).exhausted


def test_each_validation_leaves_a_checkpoint_a_line_and_at_last_a_stop(tmp_path):
    model = make_model()
    lines = []
    keeper = keeper_for(model, tmp_path / "model.weights.h5", patience=1)
    progress = Progress(0, 40, io.StringIO())
    groups = iter([BEST, WORSE])
    watched = callbacks.Validation(
        keeper, lambda: next(groups), str(tmp_path / "c"), 10, [{"step": 10}], lines.append, progress
    )
    watched.set_model(model)
    model.stop_training = False
    watched.on_epoch_end(1, {"loss": 0.5, "val_out_mean_error": 3.0, "val_out_accuracy": 0.25, "val_out_pck": 0.125})
    assert not model.stop_training
    watched.on_epoch_end(2, {"loss": 0.5, "val_out_mean_error": 4.0, "val_out_accuracy": 0.25})
    assert model.stop_training
    assert lines[0].endswith("loss 0.50000  error 3.00 px of the input  within 5 % 0.250  (best so far)")
    assert lines[1].endswith("within 5 % 0.250  (worse: not kept)")
    step, memory = checkpoint.restore(str(tmp_path / "c"), model)
    assert step == 30
    assert memory["keeper"] == {"best": 3.0, "best_groups": BEST, "best_step": 20, "waited": 1, "kept_step": 20}
    assert [record["step"] for record in memory["history"]] == [10, 20, 30]
    assert memory["history"][1]["val_out_pck"] == 0.125


def test_a_validation_without_an_error_is_refused(tmp_path):
    model = make_model()
    keeper = keeper_for(model, tmp_path / "model.weights.h5")
    watched = callbacks.Validation(keeper, list, str(tmp_path), 10, [], print, Progress(0, 40, io.StringIO()))
    with pytest.raises(ValueError, match="expected a log val_…mean_error, received step, loss"):
        watched.on_epoch_end(0, {"loss": 0.5})


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_full_disk_keeps_the_old_weights_and_the_process(tmp_path, share):
    model = tiny.build_net(3, input_size="32")
    path = tmp_path / "run [1]" / "model.weights.h5"
    callbacks.write_weights(model, path)
    old = path.read_bytes()
    with full_disk.limit_file_size(int(share * len(old))), pytest.raises(OSError, match="cannot be written: File too"):
        callbacks.write_weights(model, path)
    assert path.read_bytes() == old
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("flags", [{}, {"model": "flowing", "pooling": "data_dependent", "flow": "in_graph"}])
def test_enough_room_is_reserved_for_weights(tmp_path, flags):
    model = tiny.build_net(3, input_size="32", **flags)
    callbacks.write_weights(model, tmp_path / "a.weights.h5")
    assert (tmp_path / "a.weights.h5").stat().st_size <= callbacks._size_at_most(model)


def test_snapshots_are_the_weights_after_their_steps(tmp_path):
    model = make_model()
    run = RunDirectory(str(tmp_path))
    keeper = callbacks.KeepSnapshots(run, (11, 13), 10)
    keeper.set_model(model)
    expected = {}
    for step in (11, 12, 13):
        train(model, 1)
        expected[step] = [np.array(w) for w in model.get_weights()]
        keeper.on_train_batch_end(0)
    found = snapshots.find(run)
    assert list(found) == [11, 13]
    for step, path in found.items():
        for a, b in zip(snapshots.read(path), expected[step]):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3)
