"""What is checked before a training, without TensorFlow."""

import os
import subprocess
import sys

import pytest

from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.training import preparation
from tests import conftest
from tests.helpers import jhmdb_folders, tiny
from tests.helpers.exported_runs import write_run

FLAGS = {**tiny.FLAGS, "data": "signers:train:4", "test_data": ""}


def prepare(tmp_path, **flags):
    lines = []
    config = TrainConfig.from_flags(**{**FLAGS, "run_dir": str(tmp_path / "run"), **flags})
    with preparation.prepare(config, lines.append) as prepared:
        return prepared, lines


def test_the_data_is_open_and_split_and_the_folder_is_held(tmp_path):
    config = TrainConfig.from_flags(**{**FLAGS, "run_dir": str(tmp_path / "run")})
    with preparation.prepare(config, print) as prepared:
        assert len(prepared.split.train) + len(prepared.split.validation) == 4
        assert prepared.run.path == config.run_dir
        with pytest.raises(ValueError, match="another process is training"), preparation.prepare(config, print):
            pass


@pytest.mark.parametrize(
    ("flag", "error", "message"),
    [
        ("data", ValueError, "--data: .*nothing: no such file or folder; expected signers"),
        ("test_data", ValueError, "--test_data: .*nothing: no such file or folder; expected signers"),
        ("test_clips", ValueError, "--test_clips: .*nothing: expected a file of clip names"),
        ("init_from", ValueError, "--init_from: .*nothing: expected a run of train.py"),
        ("backbone_weights", OSError, "--backbone_weights=.*nothing: no such file; expected the weights of resnet50"),
    ],
)
def test_paths_are_checked_before_the_run_is_begun(tmp_path, flag, error, message):
    flags = {flag: str(tmp_path / "nothing")}
    if flag == "backbone_weights":
        flags["preset"] = "resnet50"
    with pytest.raises(error, match=message):
        prepare(tmp_path, **flags)
    assert not (tmp_path / "run").exists()


def test_a_run_starts_only_from_one_of_the_same_net_and_joints(tmp_path):
    _, _, start = write_run(tmp_path / "start", **{**FLAGS, "run_dir": "unused"})
    prepared, _ = prepare(tmp_path, init_from=start)
    assert prepared.config.model.init_from == start
    with pytest.raises(ValueError, match="expected a run of the same net, received --width=0.125 there, 0.5 here"):
        prepare(tmp_path / "wide", init_from=start, width=0.5)


def test_a_run_that_began_before_groups_existed_keeps_its_split(tmp_path):
    data = str(jhmdb_folders.write(tmp_path / "jhmdb"))
    flags = {"data": data, "test_data": "", "joints": "head,left_wrist"}
    begun, _ = prepare(tmp_path, **flags, group_by="session")
    run_directory.begin(begun.run, begun.config, begun.source.skeleton, begun.split)
    path = begun.run.flags
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("--group_by")]
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines)
    for _ in range(2):  # its flags know groups after the first time
        resumed, lines = prepare(tmp_path, **flags)
        assert any("began without groups and keeps its split: --group_by=session" in line for line in lines)
        run_directory.begin(resumed.run, resumed.config, resumed.source.skeleton, resumed.split)
        assert resumed.split.to_dict() == begun.split.to_dict()
    with open(path, encoding="utf-8") as file:
        assert "--group_by=session\n" in file.read()
    _, lines = prepare(tmp_path / "new", **flags)
    assert not any("keeps its split" in line for line in lines)


def test_a_run_that_began_before_windows_in_seconds_counts_frames(tmp_path):
    flags = {"model": "flowing", "window": 2, "net_steps": 0, "pooling_steps": 0, "pooling": "parametric"}
    begun, _ = prepare(tmp_path, **flags, frame_stride=1)
    run_directory.begin(begun.run, begun.config, begun.source.skeleton, begun.split)
    with open(begun.run.flags, encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith(("--window_seconds", "--frame_rate"))]
    with open(begun.run.flags, "w", encoding="utf-8") as file:
        file.writelines(lines)
    resumed, said = prepare(tmp_path, **flags)
    assert resumed.config == begun.config
    assert any("began with a window in frames and keeps it: --frame_stride=1" in line for line in said)
    with pytest.raises(ValueError, match=r"--window_seconds=0.2 there, 0.5 now"):
        prepare(tmp_path, **flags, window_seconds=0.5)
    _, said = prepare(tmp_path / "new", **flags)
    assert any(line.startswith("windows of 0.2 s on each side: at 30 frames/s, 2 neighbours 3 fr") for line in said)
    assert any("4 of 4 clips do not state their frame rate" in line for line in said)


def test_a_run_that_resumes_does_not_need_the_one_it_started_from(tmp_path):
    checkpoints = RunDirectory(str(tmp_path / "run")).checkpoints
    os.makedirs(checkpoints)
    (tmp_path / "run" / "checkpoints" / "step-00000003.npz").write_bytes(b"")
    preparation.check_paths(
        TrainConfig.from_flags(**{**FLAGS, "run_dir": str(tmp_path / "run"), "init_from": "/nothing"})
    )


@pytest.mark.parametrize(
    ("checkpoint", "message"),
    [
        ("", "interrupted before the first checkpoint; the same command starts again"),
        ("step-00000012.npz", "interrupted; the same command resumes from the last checkpoint, step 12"),
        (".writing-x-step-00000012.npz", "interrupted before the first checkpoint; the same command starts again"),
    ],
)
def test_an_interruption_says_where_the_run_resumes(tmp_path, checkpoint, message):
    run = RunDirectory(str(tmp_path / "run [lr=1e-3]"))
    os.makedirs(run.checkpoints)
    if checkpoint:
        open(os.path.join(run.checkpoints, checkpoint), "w").close()
    assert preparation.describe_interruption(run.path) == message


def test_an_interrupted_single_frame_net_counts(tmp_path):
    inner = RunDirectory(RunDirectory(str(tmp_path)).frame_net)
    os.makedirs(inner.checkpoints)
    open(os.path.join(inner.checkpoints, "step-00000400.npz"), "w").close()
    assert "checkpoint of the single-frame net, step 400" in preparation.describe_interruption(str(tmp_path))


@pytest.mark.parametrize(
    "module",
    ["keras_pose.training.preparation", "keras_pose.evaluation.chosen_clips", "keras_pose.exporting.export_checks"],
)
def test_what_checks_first_loads_no_tensorflow(module):
    program = f"import {module}, sys; print({{'tensorflow', 'keras'}} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=conftest.ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
