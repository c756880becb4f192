"""predict.py with a stream: the flags reach the live run."""

import csv
import functools
import signal

import pytest

import keras_pose
from keras_pose.analysis.chosen_videos import choose
from keras_pose.analysis.config import PredictConfig
from keras_pose.analysis.live_command import show_live
from keras_pose.options import build
from tests.helpers import coded_videos, exported_runs, predicted_videos, tiny


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return exported_runs.write_run(tmp_path_factory.mktemp("run") / "mine")[2]


@pytest.fixture(scope="module")
def load_once():
    return functools.lru_cache()(keras_pose.load)


@pytest.fixture(autouse=True)
def loaded(load_once, monkeypatch):
    """Loading takes seconds: all tests share one model."""
    monkeypatch.setattr(keras_pose, "load", load_once)


def test_a_stream_is_followed_and_its_poses_are_kept(run, tmp_path, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    clip = coded_videos.write_numbered(tmp_path / "clip.mp4", 25)
    flags = {"run_dir": run, "video": (f"file://{clip}",), "out_dir": str(tmp_path / "out"), "look_ahead": 1}
    config = build(PredictConfig, {**flags, "region": "follow", "person_share": 0.5})
    chosen = choose(config)
    assert chosen.live == f"file://{clip}"
    lines = []
    summary = show_live(chosen, config, lines.append)
    assert summary.predicted + summary.dropped == 25
    assert lines[-1].endswith(summary.text())
    with open(summary.table, encoding="utf-8", newline="") as file:
        assert {row["person"] for row in csv.DictReader(file)} == {"person"}


def test_a_region_that_does_not_fit_the_frames_is_named(run, tmp_path):
    clip = coded_videos.write_numbered(tmp_path / "clip.mp4", 5)
    config = build(PredictConfig, {"run_dir": run, "video": (f"file://{clip}",), "region": "5000,0,64,64"})
    with pytest.raises(ValueError, match="^--region: expected a region that overlaps the frame"):
        show_live(choose(config), config, list)


def test_sigterm_ends_the_command_with_a_summary(run, tmp_path):
    clip = coded_videos.write_numbered(tmp_path / "clip.mp4", 1500)  # a minute
    process = tiny.start(predicted_videos.command(run, f"file://{clip}", tmp_path / "out"))
    for line in process.stdout:
        if "frames dropped" in line:
            break
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "ended: SIGTERM; poses in " in output.strip().splitlines()[-1]
    assert "Traceback" not in output
