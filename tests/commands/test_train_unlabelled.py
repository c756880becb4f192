"""train.py with --unlabelled: lessons after each validation, exact resume, flowing nets, starts, precision, devices."""

import json
import os
import re

import numpy as np
import pytest
import tensorflow as tf

from keras_pose import files
from keras_pose.data import selection
from keras_pose.runs.config import TrainConfig
from keras_pose.training import lessons, preparation, runner, strategy
from tests.helpers import real_videos, tiny

# MirroredStrategy wants two devices, which can be asked for only before TensorFlow starts.
try:
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
except RuntimeError:
    pass

FLAGS = {
    **tiny.FLAGS,
    "signer_frames": 8,
    "signer_label_every": 4,
    "window": 1,
    "devices": "1",
    "unlabelled": "neighbours",
    "unlabelled_frames": 10,
    "unlabelled_warmup": 4,
    "unlabelled_confidence": 0.01,  # the net hardly learns anything
}


class StoppedError(Exception):
    """As if the process were killed."""


def train(run_dir, stop_at="never", **changes):
    """Trains in this process, without scoring, until a line begins with `stop_at`; returns the lines."""
    lines = []

    def echo(line):
        lines.append(line)
        if line.startswith(stop_at):
            raise StoppedError

    config = TrainConfig.from_flags(**{**FLAGS, "run_dir": str(run_dir), **changes})
    with preparation.prepare(config, echo) as prepared, strategy.kept_precision():
        start = runner.train_frame_net(prepared, echo) if config.phases.net_steps else config.model.init_from
        runner.fit_run(prepared, start, echo)
    return lines


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder and the lines of an uninterrupted run."""
    run_dir = str(tmp_path_factory.mktemp("whole") / "run")
    return run_dir, train(run_dir)


@pytest.mark.slow
def test_lessons_follow_the_validations_after_the_warm_up(whole):
    run_dir, lines = whole
    order = [line.split("  ")[0] for line in lines if line.startswith("step ")]
    assert order == ["step 3/12", "step 6/12", "step 9/12", "step 12/12"]
    shown = [i for i, line in enumerate(lines) if line.startswith("unlabelled loss ")]
    assert [lines[i - 1].split("  ")[0] for i in shown[:1]] == ["step 6/12"]
    assert len(shown) == 2
    assert any(re.match(r"--unlabelled=neighbours: 10 of \d+ frames without labels, from \d clips", x) for x in lines)
    history = json.loads(str(tiny.checkpoint_arrays(run_dir, 12)["memory"]))["history"]
    assert [lessons.LOSS in record for record in history] == [False, True, True, False]


def test_no_frame_of_a_held_out_clip_teaches(whole):
    run_dir, _ = whole
    taught = files.read_json(os.path.join(run_dir, "unlabelled.json"))["unlabelled"]
    split = files.read_json(os.path.join(run_dir, "split.json"))
    names = {name.removeprefix("unlabelled/") for name in taught}
    assert names <= set(split["train"])
    assert not names & {*split["validation"], *split["test"]}
    for name, entry in taught.items():
        assert not set(map(int, entry["frames"])) & set(split["train"][name.removeprefix("unlabelled/")])


@pytest.mark.slow
@pytest.mark.parametrize("stop_at", ["unlabelled loss", "step 6/12", "step 9/12"])
def test_an_interrupted_run_ends_like_one_that_was_not(whole, tmp_path, stop_at):
    run_dir = str(tmp_path / "run")
    with pytest.raises(StoppedError):
        train(run_dir, stop_at)
    lines = train(run_dir)
    assert any(line.startswith("resuming at step") for line in lines)
    tiny.assert_same_arrays(tiny.checkpoint_arrays(run_dir, 12), tiny.checkpoint_arrays(whole[0], 12))


@pytest.mark.slow
def test_a_killed_run_ends_like_one_that_was_not(tmp_path):
    changes = {name: value for name, value in FLAGS.items() if name not in tiny.FLAGS or tiny.FLAGS[name] != value}
    code, output = tiny.run(tiny.arguments(str(tmp_path / "whole"), **changes))
    assert code == 0, output
    tiny.kill_after_checkpoint(str(tmp_path / "run"), 6, **changes)
    code, output = tiny.run(tiny.arguments(str(tmp_path / "run"), **changes))
    assert code == 0, output
    assert "resuming at step" in output
    ends = [tiny.checkpoint_arrays(str(tmp_path / name), 12) for name in ("run", "whole")]
    tiny.assert_same_arrays(*ends)


@pytest.mark.slow
def test_until_the_warm_up_ends_it_is_the_run_without(whole, tmp_path):
    with pytest.raises(StoppedError):
        train(tmp_path / "run", "step 6/12", unlabelled="")
    with pytest.raises(StoppedError):
        train(tmp_path / "taught", "step 6/12")
    ends = [tiny.checkpoint_arrays(str(tmp_path / name), 6) for name in ("run", "taught")]
    tiny.assert_same_arrays(*ends)


def test_other_flags_are_refused_when_it_is_resumed(whole):
    with pytest.raises(ValueError, match=r"another configuration \(--unlabelled=neighbours there, {2}now\)"):
        train(whole[0], unlabelled="")


def test_a_folder_of_videos_teaches_a_run_that_starts_from_another(whole, tmp_path):
    config = TrainConfig.from_flags(**FLAGS, run_dir="r")
    split = selection.split_data(selection.open_data(config.data.source, config.data), config.data)
    for clip in (*split.train[:2], split.validation[0]):
        real_videos.write(tmp_path / f"{clip.name}.mp4", clip.frames.read(range(8)))
    flags = {"unlabelled": str(tmp_path), "init_from": whole[0], "unlabelled_warmup": 0, "steps": 3}
    lines = train(tmp_path / "run", **flags)
    (left_out,) = [line for line in lines if line.startswith("note: 1 unlabelled clip left out")]
    assert left_out.endswith(f": {split.validation[0].name}")
    assert any(line.startswith(f"--unlabelled={tmp_path}: 10 of 16 frames") for line in lines)
    assert sum(line.startswith("unlabelled loss") for line in lines) == 1


@pytest.mark.slow
def test_the_frame_net_of_a_flowing_net_is_taught_in_16_bits_too(tmp_path):
    flowing = {"model": "flowing", "pooling": "parametric", "net_steps": 6, "steps": 3, "unlabelled_warmup": 2}
    lines = train(tmp_path / "run", **flowing, mixed_precision="bfloat16")
    # The validation at step 3 is followed by a lesson, the last one is not.
    assert sum(line.startswith("unlabelled loss") for line in lines) == 1
    assert os.path.exists(tmp_path / "run" / "frame_net" / "unlabelled.json")
    assert not os.path.exists(tmp_path / "run" / "unlabelled.json")


@pytest.mark.slow
def test_two_devices_learn_as_one_does(whole, tmp_path):
    if len(tf.config.list_logical_devices("CPU")) < 2:
        pytest.skip("TensorFlow started with one logical CPU in this process; run alone, this file has two")
    train(tmp_path / "run", devices="2")
    both = [tiny.checkpoint_arrays(path, 12) for path in (str(tmp_path / "run"), whole[0])]
    found, expected = (json.loads(str(arrays["memory"]))["history"][-2] for arrays in both)
    assert found[lessons.TAUGHT] == pytest.approx(expected[lessons.TAUGHT], abs=0.2)
    assert np.isfinite(found[lessons.LOSS])


def test_a_coordinate_net_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="--unlabelled=neighbours: expected --model=heatmap"):
        train(tmp_path / "run", model="coordinate", unlabelled_confidence=0.5)
    assert not os.path.exists(tmp_path / "run")
