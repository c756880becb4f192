"""predict.py on several videos."""

import json
import sys

import numpy as np
import pytest

from keras_pose.analysis.chosen_videos import choose
from keras_pose.analysis.config import PredictConfig
from keras_pose.analysis.many_videos import analyse_all
from keras_pose.data.synthetic.signers import generate
from keras_pose.options import build
from keras_pose.poses import video_poses
from tests import conftest
from tests.helpers import exported_runs, real_videos, tiny


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return exported_runs.write_run(tmp_path_factory.mktemp("run") / "mine")[2]


@pytest.fixture
def videos(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        real_videos.write(tmp_path / folder / "clip.mp4", generate("train", 0, 6, (64, 64)).frames)
    (tmp_path / "a" / "broken.mp4").write_bytes(b"\0" * 100)
    return tmp_path


def predict(run, videos, **flags):
    texts = (str(videos / "a"), str(videos / "b"))
    values = {"run_dir": run, "video": texts, "out_dir": str(videos / "out"), "formats": "npz", "labelled": False}
    config = build(PredictConfig, {**values, **flags})
    lines = []
    return analyse_all(choose(config), config, lines.append), lines


def test_a_broken_video_does_not_stop_the_others(run, videos):
    failed, _ = predict(run, videos)
    assert failed == 1
    entries = {entry["name"]: entry for entry in json.loads((videos / "out" / "summary.json").read_text())["videos"]}
    assert {name: entry["status"] for name, entry in entries.items()} == {
        "a_clip": "done",
        "b_clip": "done",
        "broken": "failed",
    }
    assert "broken.mp4" in entries["broken"]["error"]
    poses = video_poses.load(videos / "out" / "a_clip.npz")
    assert poses.num_frames == entries["a_clip"]["frames"] == 6
    assert np.isfinite(poses.joints).all()
    assert sorted(path.name for path in (videos / "out").iterdir() if path.name.startswith(".")) == [".broken.parts"]


def test_finished_videos_are_skipped_unless_they_are_to_be_overwritten(run, videos):
    predict(run, videos)
    first = (videos / "out" / "a_clip.npz").read_bytes()
    _, lines = predict(run, videos)
    assert sum("skipped" in line for line in lines) == 2
    _, lines = predict(run, videos, overwrite=True)
    assert not any("skipped" in line for line in lines)
    assert (videos / "out" / "a_clip.npz").read_bytes() == first


def test_the_command_says_by_its_status_that_a_video_failed(run, videos):
    command = [sys.executable, str(conftest.ROOT / "predict.py"), f"--run_dir={run}", f"--video={videos / 'a'}"]
    status, output = tiny.run([*command, f"--out_dir={videos / 'out'}", "--formats=npz", "--nolabelled"])
    assert status == 1, output
    assert "1 of 2 videos failed" in output
