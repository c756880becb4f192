"""--pooling=auto in a training: chosen once, the same after a kill, and seen by all that read the run."""

import dataclasses
import os

import numpy as np
import pytest

import keras_pose
from keras_pose import files, options
from keras_pose.choosing import nets
from keras_pose.data import selection
from keras_pose.data.selection import DataSplit
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import run_directory, temporal_choice, trained
from keras_pose.runs.config import TrainConfig
from keras_pose.training import preparation, runner, temporal
from tests.helpers import tiny
from tests.helpers.exported_runs import write_run
from tests.helpers.skeletons import COCO_UPPER_BODY

FLAGS = {
    **tiny.FLAGS,
    "data": "signers:train:7",
    "signer_frames": 5,
    "signer_label_every": 4,
    "model": "flowing",
    "input_size": "64",
    "steps": 3,
    "window": 1,
    "frame_stride": 1,
    "flow": "none",
    "choice_windows": "",
    "choice_poolings": "sum,parametric",
    "choice_folds": 0,
    "snapshots": 0,
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
def frame_net(tmp_path_factory):
    """Folder of the run of a net for single frames that trained on nothing."""
    return write_run(tmp_path_factory.mktemp("auto") / "net")[2]


@pytest.fixture(scope="module")
def whole(tmp_path_factory, frame_net):
    """Folder and lines of a run that was not interrupted."""
    run_dir = tmp_path_factory.mktemp("auto") / "run"
    return str(run_dir), train(run_dir, init_from=frame_net)


def test_a_run_chooses_says_why_and_checks_at_the_end(whole):
    run_dir, lines = whole
    choice = temporal_choice.read(run_dir)
    assert [of["groups"] for of in choice["unseen"]] == [1, 6]
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


@pytest.mark.slow
def test_a_run_killed_while_it_chooses_and_before_it_checks_ends_like_one_that_was_not(whole, frame_net, tmp_path):
    run_dir = tmp_path / "run"
    for stage in ("tried sum", "trained for"):
        with pytest.raises(Killed):
            train(run_dir, stage, init_from=frame_net)
    assert "final" not in temporal_choice.read(str(run_dir))
    lines = train(run_dir, init_from=frame_net)
    assert not any(line.startswith("choosing") for line in lines)
    assert temporal_choice.read(str(run_dir)) == temporal_choice.read(whole[0])
    for a, b in zip(*(trained.load_model(str(path))[0].get_weights() for path in (run_dir, whole[0]))):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_the_net_of_a_fold_trains_on_its_clips_alone_and_once(whole, tmp_path):
    _, config, skeleton = run_directory.open_run(whole[0])
    config = config.replace(
        run_dir=str(tmp_path / "run"), pooling="auto", init_from="", net_steps=3, net_batch_size=4, choice_fold_steps=3
    )
    source = selection.open_data(config.data.source, config.data)
    split = DataSplit(source.clips[:3], source.clips[3:], [])
    prepared = preparation.Prepared(run_directory.RunDirectory(config.run_dir), config, source, split)
    lines = []
    train_fold = temporal.fold_trainer(prepared, runner.fit_run, lines.append)
    for _ in range(2):
        path = train_fold(1, source.clips[:2])
    assert path == os.path.join(config.run_dir, "folds", "2")
    assert lines.count(f"the net of fold 2, in {path}") == 1
    recorded = files.read_json(run_directory.RunDirectory(path).split)
    assert list(recorded["train"]) == [clip.session for clip in source.clips[:2]]
    assert nets.open_maps(path)(np.zeros((2, 64, 64, 3), np.float32)).shape == (2, 16, 16, 7)


def test_with_init_from_and_steps_of_folds_nets_of_folds_give_unseen_groups(tmp_path):
    _, config, net = write_run(tmp_path / "net")
    config = TrainConfig.from_flags(**{**FLAGS, "choice_folds": 2, "input_size": "64"}, run_dir=str(tmp_path / "run"))
    config = config.replace(init_from=net, choice_fold_steps=3)
    source = selection.open_data(config.data.source, config.data)
    split = DataSplit(source.clips[:6], source.clips[6:], [])
    sessions = {clip.session: [2] for clip in split.train}
    os.remove(run_directory.RunDirectory(net).split)
    files.write_json(run_directory.RunDirectory(net).split, {"train": sessions, "validation": {}, "test": {}})
    prepared = preparation.Prepared(run_directory.RunDirectory(config.run_dir), config, source, split)
    trained = []

    def fit_run(prepared, start, echo):
        trained.append((prepared.config, [clip.group for clip in prepared.split.train]))
        raise Killed

    os.makedirs(config.run_dir)
    with pytest.raises(Killed):
        temporal.choose(prepared, net, fit_run, print)
    (of_fold, groups), *_ = trained
    assert (of_fold.model.init_from, of_fold.optimisation.steps, len(groups)) == ("", 3, 3)
    start = run_directory.open_run(net)[1].optimisation
    assert of_fold.optimisation.batch_size == start.batch_size
    assert of_fold.optimisation.learning_rate == start.learning_rate
    without = dataclasses.replace(prepared, config=config.replace(choice_fold_steps=0))
    temporal.choose(without, net, fit_run, print)
    reason = temporal_choice.read(config.run_dir)["reason"]
    assert (
        f"--choice_fold_steps={-(-2 * start.steps // 3)}, two thirds of the steps of --init_from, trains 2 nets"
        in reason
    )


@pytest.mark.slow
def test_a_fitted_pooling_keeps_its_weights_and_pooling_steps_are_skipped(frame_net, tmp_path):
    flags = {"init_from": frame_net, "choice_poolings": "parametric", "pooling_steps": 3, "steps": 6}
    lines = []
    made = temporal_choice.read
    run_dir = str(tmp_path / "run")
    with pytest.raises(Killed):
        train(run_dir, "--pooling=auto", lines, **flags)
    choice = made(run_dir)
    # Whatever was chosen, the pooling is used.
    files.write_json(temporal_choice.path_in(run_dir), {**choice, "pooling": "parametric"})
    fitted = [np.full((3, 7), 0.5, np.float32), np.full(7, 0.25, np.float32)]
    files.write_arrays(
        os.path.join(run_dir, nets.FOLDER, nets.FITTED), {f"weight_{i}": value for i, value in enumerate(fitted)}
    )
    lines = train(run_dir, **flags)
    assert any("these --pooling_steps are skipped, since --pooling=auto fitted it" in line for line in lines)
    model = trained.load_model(run_dir)[0]
    for a, b in zip(model.get_layer("heatmaps").get_weights(), fitted):
        np.testing.assert_array_equal(a, b)
    kept = os.path.join(run_dir, nets.FOLDER, "start.weights.h5")
    assert temporal_choice.read(run_dir)["final"]["step"] == 6
    assert os.path.exists(kept)


def test_training_starts_from_the_net_and_the_fitted_pooling(whole, frame_net, tmp_path):
    _, config, skeleton = run_directory.open_run(whole[0])
    config = config.replace(pooling="parametric", window=1)
    run = run_directory.RunDirectory(str(tmp_path))
    prepared = preparation.Prepared(run, config, None, None)
    fitted = [np.full((3, 7), 0.5, np.float32), np.full(7, 0.25, np.float32)]
    path = os.path.join(str(tmp_path), nets.FOLDER, "fitted.npz")
    files.write_arrays(path, {f"weight_{i}": value for i, value in enumerate(fitted)})
    model = runner.build(config, skeleton)
    temporal.load_start(model, prepared, frame_net)
    for a, b in zip(model.get_layer("heatmaps").get_weights(), fitted):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(PoseNet(model).frame_net().model.get_weights(), trained.load_model(frame_net)[0].get_weights()):
        np.testing.assert_array_equal(a, b)


def test_a_start_is_a_net_of_the_same_joints_or_the_net_inside_a_flowing_run(whole):
    _, config, skeleton = run_directory.open_run(whole[0])
    auto = config.replace(pooling="auto", window=4)
    assert preparation.check_start(whole[0], auto, skeleton)
    with pytest.raises(ValueError, match="with --pooling=auto, which is chosen on the maps of that net"):
        preparation.check_start(whole[0], auto, COCO_UPPER_BODY)
    assert nets.open_frame_net(whole[0]).output["heatmaps"].shape[1:] == (16, 16, 7)


def test_flags_that_cannot_choose_are_refused_before_anything_is_trained(tmp_path):
    for changes, message in (
        ({}, "--pooling=auto: expected --net_steps or --init_from"),
        ({"net_steps": 3, "choice_windows": "5"}, "--choice_windows: expected"),
        ({"net_steps": 3, "choice_poolings": "mean"}, "--choice_poolings: expected some of"),
        ({"net_steps": 3, "choice_flows": "fast"}, "--choice_flows: expected some of"),
        ({"choice_fold_steps": 2}, "--choice_fold_steps: expected a multiple of --validate_every=3"),
    ):
        with pytest.raises(ValueError, match=message):
            train(tmp_path / "run", **changes)
    assert not os.path.exists(tmp_path / "run" / "frame_net" / "model.weights.h5")


def test_a_run_that_began_before_there_was_auto_keeps_its_pooling(tmp_path):
    config = TrainConfig.from_flags(**FLAGS, run_dir=str(tmp_path))
    options.write(config.replace(pooling="parametric"), os.path.join(tmp_path, "flags.txt"))
    lines = []
    assert preparation.keep_defaults(config, lines.append).window.pooling == "parametric"
    assert "began with --pooling=parametric" in lines[0]
    options.write(config.replace(pooling="sum"), os.path.join(tmp_path, "flags.txt"))
    assert preparation.keep_defaults(config, lines.append) == config  # refused as any other change
    assert len(lines) == 1
