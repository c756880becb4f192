"""train.py with --model=flowing: the authors' order in one command, exact resume, windows at the ends of clips."""

import os
import shutil

import numpy as np
import pytest

from keras_pose import files
from keras_pose.models.pose_net import PoseNet
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.runs import trained
from keras_pose.runs.config import TrainConfig
from keras_pose.training import runner
from tests.helpers import tiny

FLAGS = {
    "model": "flowing",
    "pooling": "parametric",
    "window": 2,
    "signer_frames": 6,
    "signer_label_every": 2,
    "net_steps": 3,
    "pooling_steps": 3,
    "steps": 9,
    "validate_every": 3,
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder and the output of an uninterrupted run."""
    run_dir = str(tmp_path_factory.mktemp("whole") / "run")
    code, output = tiny.run(tiny.arguments(run_dir, **FLAGS))
    assert code == 0, output
    return run_dir, output


def pooling_weights(run_dir):
    return trained.load_model(run_dir)[0].get_layer("heatmaps").frame_weights()


def test_net_then_pooling_then_all_together(whole):
    run_dir, output = whole
    order = [output.index(words) for words in ("the single-frame net", "the pooling alone", "all together")]
    assert order == sorted(order)
    net = tiny.checkpoint_arrays(os.path.join(run_dir, "frame_net"), 3)
    assert net["step"] == 3
    metrics = files.read_json(os.path.join(run_dir, "eval", "metrics.json"))
    assert metrics["num_frames"] == 6
    assert metrics["mean_error_px"] > 0


@pytest.mark.slow
def test_a_run_killed_while_the_pooling_learns_ends_like_one_that_was_not(whole, tmp_path):
    run_dir = str(tmp_path / "run")
    tiny.kill_after_checkpoint(run_dir, 3, **FLAGS)
    assert not os.path.exists(os.path.join(run_dir, "checkpoints", "step-00000009.npz")), "killed too late to tell"
    _, output = tiny.train(run_dir, **FLAGS)
    assert "resuming at step" in output
    assert "first the single-frame net" not in output
    tiny.assert_same_arrays(tiny.checkpoint_arrays(run_dir, 9), tiny.checkpoint_arrays(whole[0], 9))
    np.testing.assert_array_equal(pooling_weights(run_dir), pooling_weights(whole[0]))


@pytest.mark.slow
def test_the_frozen_net_keeps_its_weights(whole, tmp_path):
    start = os.path.join(whole[0], "frame_net")
    run_dir = str(tmp_path / "run")
    changes = {"net_steps": 0, "init_from": start, "steps": 3, "window": 1, "test_data": ""}
    tiny.train(run_dir, **{**FLAGS, **changes, "pooling_learning_rate": 0.1, "pooling": "data_dependent"})
    before = trained.load_model(start)[0]
    after = trained.load_model(run_dir)[0]
    for a, b in zip(before.get_weights(), PoseNet(after).frame_net().model.get_weights()):
        np.testing.assert_array_equal(a, b)
    assert np.abs(after.get_layer("heatmaps").frame_weights()).sum() > 0


@pytest.mark.slow
@pytest.mark.parametrize("pooling", ["chain", "track"])
def test_poolings_along_time_learn_alone_and_then_with_the_net(whole, tmp_path, pooling):
    start = os.path.join(whole[0], "frame_net")
    run_dir = str(tmp_path / "run")
    changes = {"net_steps": 0, "init_from": start, "steps": 6, "sigma_px": 2.0, "test_data": ""}
    metrics, output = tiny.train(run_dir, **{**FLAGS, **changes, "pooling": pooling})
    assert {"the pooling alone", "all together"} <= set(output.splitlines())
    layer = PoseNet(trained.load_model(run_dir)[0]).pooling()
    assert layer.sigma_px == 2.0
    begun = TemporalPooling(pooling)
    begun.build([(1, 5, 8, 8, layer.weights[-1].shape[-1])])
    unchanged = [
        weight.name.rpartition("/")[2].partition(":")[0]
        for weight, now, then in zip(layer.weights, layer.get_weights(), begun.get_weights())
        if not np.abs(now - then).max()
    ]
    # Messages of a net that has hardly learned are flat, and say nothing about how much of them to keep.
    assert set(unchanged) <= {"memory"}
    assert metrics["mean_error_px"] > 0


@pytest.mark.slow
def test_it_starts_from_another_flowing_run_and_refuses_another_window(whole, tmp_path):
    start = str(tmp_path / "start")
    shutil.copytree(whole[0], start)
    flags = {**tiny.FLAGS, **FLAGS, "net_steps": 0, "pooling_steps": 0, "init_from": start, "test_data": ""}
    config = TrainConfig.from_flags(**{**flags, "window": 1}, run_dir=str(tmp_path / "narrow"))
    with pytest.raises(ValueError, match="expected a run of the same net, received --window=2 there, 1 here"):
        runner.train(config, print)
    config = TrainConfig.from_flags(**{**flags, "learning_rate": 0.0, "steps": 3}, run_dir=str(tmp_path / "same"))
    runner.train(config, lambda line: None)
    # A rate of 0 learns nothing; averaging weights rounds them.
    np.testing.assert_allclose(pooling_weights(config.run_dir), pooling_weights(start), rtol=1e-5, atol=1e-7)
