"""A training of a benchmark runs once, with its time and the scores of its predictions."""

import json
import os

import pytest

from benchmarks.common import trainings
from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.evaluation.accuracy import score
from keras_pose.evaluation.predictions import save
from keras_pose.runs.config import TrainConfig
from tests.helpers import tiny
from tests.helpers.predictions import make_predictions


def test_scores_are_those_of_the_evaluation():
    run = trainings.Training("a", SKELETON, make_predictions(), 1.0, True)
    metrics = score(run.predictions, SKELETON)
    limits = metrics["confidence_intervals"]
    value, interval = run.score("mean_error_px")
    assert value == pytest.approx(metrics["mean_error_px"])
    assert interval == pytest.approx(limits["mean_error_px"])
    value, interval = run.score("pck/0.05", trainings.find_joints(SKELETON, "wrist"))
    assert value == pytest.approx(metrics["groups"]["wrist"]["pck"]["0.05"])
    assert interval == pytest.approx(limits["groups"]["wrist"]["pck"]["0.05"])
    assert interval[0] < value < interval[1]


def test_joints_are_found_by_name_and_by_group():
    left = SKELETON.index("left_wrist")
    right = SKELETON.index("right_wrist")
    assert trainings.find_joints(SKELETON, "wrist") == tuple(sorted((left, right)))
    assert trainings.find_joints(SKELETON, "right_wrist+left_wrist") == tuple(sorted((left, right)))
    with pytest.raises(ValueError, match="unknown joint 'tail', expected one of .*wrist"):
        trainings.find_joints(SKELETON, "wrist+tail")


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


def refuse_training(config, echo):
    raise AssertionError("trained again")


def test_a_training_has_its_time_and_the_predictions_of_its_test_frames(trained):
    _, run = trained
    assert run.whole
    assert run.minutes > 0
    assert sorted(clip.name for clip in run.predictions) == ["signers-test-00000", "signers-test-00001"]


def test_a_finished_training_is_not_repeated(trained, monkeypatch):
    config, run = trained
    monkeypatch.setattr(trainings.runner, "train", refuse_training)
    again = trainings.train_once(config)
    assert (again.minutes, again.whole) == (run.minutes, True)
    with pytest.raises(ValueError, match="another configuration"):
        trainings.train_once(config.replace(seed=6))


def test_a_training_that_was_scored_on_other_clips_is_scored_again_and_keeps_its_time(trained):
    config, run = trained
    path = os.path.join(run.run_dir, "eval", "predictions.npz")
    save(path, SKELETON, make_predictions())
    again = trainings.train_once(config, echo=lambda line: None)
    assert sorted(clip.name for clip in again.predictions) == ["signers-test-00000", "signers-test-00001"]
    assert again.minutes == run.minutes


def test_a_training_that_was_resumed_is_marked(trained):
    config, run = trained
    minutes_file = run.run_dir + ".minutes.json"
    with open(minutes_file) as file:
        assert json.load(file)["whole"] is True
    os.remove(minutes_file)
    assert not trainings.train_once(config, echo=lambda line: None).whole
