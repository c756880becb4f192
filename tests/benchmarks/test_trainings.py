"""A training of a benchmark: done once, with its time and the figures of its predictions."""

import json
import os

import numpy as np
import pytest

from benchmarks.common import training_steps, trainings
from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.evaluation.accuracy import score
from keras_pose.evaluation.predictions import ClipPredictions, save
from keras_pose.runs.config import TrainConfig
from tests.helpers import tiny


def make_predictions(count=4):
    rng = np.random.default_rng(3)
    truth = rng.uniform(10, 100, (count, 3, SKELETON.num_joints, 2))
    shape = truth.shape[1:3]
    return [
        ClipPredictions(
            name=f"clip-{i}",
            frames=np.arange(3),
            predicted=truth[i] + rng.normal(0, 4, truth[i].shape),
            scores=np.ones(shape),
            truth=truth[i],
            visibility=np.full(shape, 2),
            size_hw=(128, 128),
        )
        for i in range(count)
    ]


def test_figures_are_those_of_the_evaluation():
    run = trainings.Training("a", SKELETON, make_predictions(), 1.0, True)
    metrics = score(run.predictions, SKELETON)
    limits = metrics["confidence_intervals"]
    value, interval = run.figure("mean_error_px")
    assert value == pytest.approx(metrics["mean_error_px"])
    assert interval == pytest.approx(limits["mean_error_px"])
    value, interval = run.figure("pck/0.05", trainings.joints_named(SKELETON, "wrist"))
    assert value == pytest.approx(metrics["groups"]["wrist"]["pck"]["0.05"])
    assert interval == pytest.approx(limits["groups"]["wrist"]["pck"]["0.05"])
    assert interval[0] < value < interval[1]


def test_a_flagfile_is_read_and_changed(tmp_path):
    path = tmp_path / "a.flags"
    path.write_text("--run_dir=a\n--steps=300\n")
    config = trainings.load_config(path, run_dir="b")
    assert (config.run_dir, config.optimisation.steps) == ("b", 300)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    run_dir = str(tmp_path_factory.mktemp("trainings") / "run")
    flags = {**tiny.FLAGS, "run_dir": run_dir, "steps": 2, "validate_every": 1, "test_data": "signers:test:2"}
    config = TrainConfig.from_flags(**flags)
    return config, trainings.train_once(config, echo=lambda line: None)


def test_steps_of_several_nets_are_measured_in_turn():
    flags = {**tiny.FLAGS, "run_dir": "", "data": "signers:train:2"}
    configs = {name: TrainConfig.from_flags(**flags, model=name) for name in ("heatmap", "coordinate")}
    seconds = training_steps.measure_step_seconds(configs, blocks=1, steps_per_block=2)
    assert seconds.keys() == configs.keys()
    assert all(0 < value < 60 for value in seconds.values())


def no_training(config, echo):
    raise AssertionError("trained again")


def test_a_training_has_its_time_and_the_predictions_of_its_test_frames(trained):
    _, run = trained
    assert run.whole
    assert run.minutes > 0
    assert sorted(clip.name for clip in run.predictions) == ["signers-test-00000", "signers-test-00001"]


def test_a_finished_training_is_not_done_again(trained, monkeypatch):
    config, run = trained
    monkeypatch.setattr(trainings.runner, "train", no_training)
    again = trainings.train_once(config)
    assert (again.minutes, again.whole) == (run.minutes, True)
    with pytest.raises(ValueError, match="another configuration"):
        trainings.train_once(TrainConfig.from_flags(**{**vars(config), "seed": 6}))


def test_a_training_scored_on_other_clips_since_is_scored_again_and_keeps_its_time(trained):
    config, run = trained
    path = os.path.join(run.run_dir, "eval", "predictions.npz")
    save(path, SKELETON, make_predictions())
    again = trainings.train_once(config, echo=lambda line: None)
    assert sorted(clip.name for clip in again.predictions) == ["signers-test-00000", "signers-test-00001"]
    assert again.minutes == run.minutes


def test_a_training_that_was_gone_on_with_says_so(trained):
    config, run = trained
    minutes_file = run.run_dir + ".minutes.json"
    with open(minutes_file) as file:
        assert json.load(file)["whole"] is True
    os.remove(minutes_file)
    assert not trainings.train_once(config, echo=lambda line: None).whole
