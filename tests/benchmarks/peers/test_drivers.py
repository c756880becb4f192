"""Drivers load without their tools, and configure them for a budget."""

import json

import numpy as np
import pytest

from benchmarks.peers import run_deeplabcut, run_keras, run_lightning_pose, run_sleap_nn  # noqa: F401
from tests.helpers import peer_data


@pytest.fixture
def data(tmp_path):
    parts = ["train"] * 8 + ["validation"] * 2 + ["test"]
    frames = [{"part": part, "clip": "c", "number": i, "picture": f"{i}.png"} for i, part in enumerate(parts)]
    (tmp_path / "frames.json").write_text(json.dumps({"joints": ["a", "b"], "frames": frames}))
    return str(tmp_path)


def test_lightning_pose_has_our_split_and_a_schedule_within_the_epochs(data):
    config = run_lightning_pose.configure({"data": data}, epochs=6)
    training = config["training"]
    assert (training["train_prob"], training["val_prob"]) == (0.8, 0.2)
    assert training["max_epochs"] == 6
    assert training["lr_scheduler_params"]["multisteplr"]["milestones"] == [3, 4, 5]
    assert config["data"]["keypoint_names"] == ["a", "b"]
    assert not config["model"]["backbone_pretrained"]


def test_lightning_pose_keeps_only_milestones_that_it_reaches(data):
    schedule = run_lightning_pose.configure({"data": data}, epochs=1)["training"]["lr_scheduler_params"]
    assert schedule["multisteplr"]["milestones"] == [1]


def test_deeplabcut_validates_eight_times_and_scales_its_schedule():
    config = {"runner": {"scheduler": {"params": {"milestones": [90, 120]}}}}
    changes = run_deeplabcut.configure(config, 40)
    assert changes["runner.scheduler.params.milestones"] == [18, 24]
    assert changes["runner.eval_interval"] == changes["runner.snapshots.save_epochs"] == 5
    assert changes["train_settings.epochs"] == 40


def test_deeplabcut_finds_the_best_snapshot_and_the_folder_of_its_split(tmp_path):
    for name in ("snapshot-best-020.pt", "snapshot-040.pt", "snapshot-010.pt", "log.txt"):
        (tmp_path / name).touch()
    assert run_deeplabcut.find_snapshots(tmp_path)[-1] == "snapshot-best-020.pt"
    assert len(run_deeplabcut.find_snapshots(tmp_path)) == 3
    assert run_deeplabcut.share_of_training(131, 16) == 0.89


def test_our_steps_fill_the_budget_in_whole_validations():
    assert run_keras.plan_steps(1.0, 0.5) == 120
    assert run_keras.plan_steps(0.001, 0.5) == 8


@pytest.mark.slow
def test_nets_of_ours_train_within_a_budget_and_predict(tmp_path, monkeypatch):
    monkeypatch.setattr(run_keras, "_SETTLE", 1)
    monkeypatch.setattr(run_keras, "_TIMED", 2)
    project = peer_data.write_project(str(tmp_path))
    flags = {
        "data": project,
        "test_clips": f"{project}/test_clips.txt",
        "input_size": "32",
        "width": 0.25,
        "batch_size": 4,
        "validation_fraction": 0.2,
    }
    job = {"net": "lite", "flags": flags, "run_dir": str(tmp_path / "run"), "cpu_minutes": 1e-6, "threads": 1}
    result = run_keras.train(job)
    assert result["steps"] == 8
    assert result["whole"]
    assert result["cpu_seconds"] > 0
    frames = np.zeros((3, 64, 64, 3), np.uint8)
    found = run_keras.open_predict(job)(frames)
    assert found.shape == (3, 3, 3)
    assert np.isfinite(found).all()
    with pytest.raises(ValueError, match="engine: expected one of tensorflow, tflite, received 'other'"):
        run_keras.open_predict({**job, "engine": "other"})
    with pytest.raises(ValueError, match="net: expected one of lite, simple_baseline, hourglass, received 'large'"):
        run_keras.open_predict({**job, "net": "large"})
