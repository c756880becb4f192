"""--pooling=auto in a training: chosen once, the same after a kill, and seen by all that read the run."""

import os
import shutil

import numpy as np
import pytest

import keras_pose
from keras_pose import files, options
from keras_pose.choosing import chooser
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import run_directory, temporal_choice, trained
from keras_pose.runs.config import TrainConfig
from keras_pose.training import preparation, runner, temporal
from tests.helpers import tiny

FLAGS = {
    **tiny.FLAGS,
    "data": "signers:train:8",
    "signer_frames": 5,
    "signer_label_every": 4,
    "model": "flowing",
    "net_steps": 3,
    "net_batch_size": 4,
    "steps": 3,
    "window": 1,
    "frame_stride": 1,
    "flow": "none",
    "choice_windows": "",
    "choice_poolings": "sum,parametric",
    "choice_folds": 2,
    "choice_fold_steps": 3,
}


class Killed(BaseException):
    """Ends a training as a signal would."""


def train(run_dir, stop_at="", lines=None, **changes):
    """Trains a run; it ends when a line begins with `stop_at`."""
    said = [] if lines is None else lines

    def echo(line):
        said.append(line)
        if stop_at and line.startswith(stop_at):
            raise Killed

    runner.train(TrainConfig.from_flags(**{**FLAGS, **changes}, run_dir=str(run_dir)), echo)
    return said


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Folder and lines of a run that was not interrupted."""
    run_dir = tmp_path_factory.mktemp("auto") / "run"
    return str(run_dir), train(run_dir)


def test_a_run_chooses_says_why_and_checks_at_the_end(whole):
    run_dir, lines = whole
    choice = temporal_choice.read(run_dir)
    assert [of["source"] for of in choice["unseen"]] == ["validation", "training, fold 1", "training, fold 2"]
    assert sum(of["groups"] for of in choice["unseen"]) == 8
    assert {of["pooling"] for of in choice["candidates"]} == {"sum", "parametric"}
    assert f"--pooling=auto: {choice['reason']}" in lines
    assert choice["final"]["step"] == 3
    assert choice["final"]["kept"] in ("start", "trained")
    assert any(line.startswith("on the validation set, ") for line in lines)
    page = files.read_text(os.path.join(run_dir, "eval", "index.html"))
    assert "<h2>Pooling</h2>" in page
    assert "--pooling=auto\n" in files.read_text(os.path.join(run_dir, "flags.txt"))
    assert keras_pose.load(run_dir).skeleton.num_joints == 7
    assert trained.load_model(run_dir)[0].get_layer("heatmaps").kind == choice["pooling"]


def test_a_run_killed_at_any_stage_ends_like_one_that_was_not(whole, tmp_path):
    run_dir = tmp_path / "run"
    stages = (
        "1 unseen groups are fewer",
        "the net of fold 2",
        "choosing the pooling",
        "fitted ",
        "--pooling=auto:",
        "trained for",
    )
    shutil.copytree(os.path.join(whole[0], "frame_net"), run_dir / "frame_net")  # the same net; it trains alike
    for stage in stages:
        with pytest.raises(Killed):
            train(run_dir, stage)
    lines = train(run_dir)
    assert not any(line.startswith(stages[:3]) for line in lines)
    assert temporal_choice.read(str(run_dir)) == temporal_choice.read(whole[0])
    for a, b in zip(*(trained.load_model(str(path))[0].get_weights() for path in (run_dir, whole[0]))):
        np.testing.assert_array_equal(a, b)


def test_training_starts_from_the_net_and_the_fitted_pooling(whole, tmp_path):
    _, config, skeleton = run_directory.open_run(whole[0])
    config = config.replace(pooling="parametric", window=1)
    run = run_directory.RunDirectory(str(tmp_path))
    prepared = preparation.Prepared(run, config, None, None)
    fitted = [np.full((3, 7), 0.5, np.float32), np.full(7, 0.25, np.float32)]
    path = os.path.join(str(tmp_path), chooser.FOLDER, "fitted.npz")
    files.write_arrays(path, {f"weight_{i}": value for i, value in enumerate(fitted)})
    model = runner.build(config, skeleton)
    start = os.path.join(whole[0], "frame_net")
    temporal.load_start(model, prepared, start)
    for a, b in zip(model.get_layer("heatmaps").get_weights(), fitted):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(PoseNet(model).frame_net().model.get_weights(), trained.load_model(start)[0].get_weights()):
        np.testing.assert_array_equal(a, b)


def test_a_flowing_run_gives_its_single_frame_net(whole, tmp_path):
    changes = {"net_steps": 0, "init_from": whole[0], "learning_rate": 0.0}
    lines = train(tmp_path / "run", **changes)
    # The net trained on all but one of the groups.
    assert any("too few unseen groups to choose by: 1" in line for line in lines)
    start = chooser.open_frame_net(whole[0]).get_weights()
    for a, b in zip(chooser.open_frame_net(str(tmp_path / "run")).get_weights(), start):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_flags_that_cannot_choose_are_refused_before_anything_is_trained(tmp_path):
    for changes, message in (
        ({"net_steps": 0}, "--pooling=auto: expected --net_steps or --init_from"),
        ({"choice_windows": "5"}, "--choice_windows: expected"),
        ({"choice_poolings": "mean"}, "--choice_poolings: expected some of"),
        ({"choice_fold_steps": 2}, "--choice_fold_steps: expected a multiple of --validate_every=3"),
    ):
        with pytest.raises(ValueError, match=message):
            train(tmp_path / "run", **changes)
    assert not os.path.exists(tmp_path / "run" / "frame_net" / "model.weights.h5")


def test_a_run_that_began_before_there_was_auto_keeps_its_pooling(tmp_path):
    config = TrainConfig.from_flags(**FLAGS, run_dir=str(tmp_path))
    options.write(config.replace(pooling="parametric"), os.path.join(tmp_path, "flags.txt"))
    lines = []
    assert preparation.keep_pooling(config, lines.append).window.pooling == "parametric"
    assert "began with --pooling=parametric" in lines[0]
    options.write(config.replace(pooling="sum"), os.path.join(tmp_path, "flags.txt"))
    assert preparation.keep_pooling(config, lines.append) is config  # refused as any other change
