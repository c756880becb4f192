"""predict.py from the command line: killed or interrupted at any moment, it ends with the same files; exports."""

import functools
import json
import pathlib
import signal

import numpy as np
import pytest

import keras_pose
from keras_pose.analysis.chosen_videos import choose
from keras_pose.analysis.config import PredictConfig
from keras_pose.analysis.many_videos import analyse_all
from keras_pose.data.synthetic.signers import generate
from keras_pose.exporting import exporter
from keras_pose.exporting.config import ExportConfig
from keras_pose.options import build
from keras_pose.poses import video_poses
from tests.helpers import exported_runs, predicted_videos, real_videos

FORMATS = "csv,slp,npz"


def predict(config_values):
    """Predicts in this process; returns how many videos failed."""
    config = build(PredictConfig, config_values)
    return analyse_all(choose(config), config, lambda line: None)


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """A bit more than one segment of a labelled video, and a damaged frame."""
    path = tmp_path_factory.mktemp("video") / "signer.mp4"
    frames = generate("train", 0, 66, (64, 64)).frames
    real_videos.write(path, [frame for _ in range(4) for frame in frames])
    real_videos.damage(path, [20])
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return exported_runs.write_run(tmp_path_factory.mktemp("run") / "mine", model="flowing", window=2)[2]


@pytest.mark.filterwarnings("ignore::keras_pose.media.MediaWarning")
def test_a_command_that_is_killed_and_interrupted_ends_with_the_same_files(run, video, tmp_path):
    pytest.importorskip("sleap_io", reason="writes .slp, which needs sleap-io")
    values = {"model": run, "video": (str(video),), "formats": FORMATS, "region": "follow"}
    assert predict({**values, "out_dir": str(tmp_path / "expected")}) == 0
    expected = predicted_videos.read_files(tmp_path / "expected")
    assert {"signer.csv", "signer.slp", "signer.npz", "signer_labelled.mp4"} <= expected.keys()

    out = tmp_path / "out"
    parts = out / ".signer.parts"
    command = predicted_videos.command(run, video, out, f"--formats={FORMATS}", "--region=follow")
    moments = [
        (signal.SIGKILL, lambda: predicted_videos.is_writing(out, "signer.csv")),
        (signal.SIGINT, lambda: predicted_videos.is_writing(parts / "labelled", "segments.json")),
        (signal.SIGTERM, lambda: predicted_videos.is_writing(parts / "labelled", "segment-000000.npz")),
    ]
    codes = {signal.SIGINT: 130, signal.SIGTERM: 143}
    for number, ready in moments:
        status, output = predicted_videos.stop_when(command, ready, number)
        assert not (out / "summary.json").exists()
        if number in codes:
            assert status == codes[number], output
            assert output.rstrip().endswith("interrupted: the same command goes on where it was")
            assert "Traceback" not in output
        else:
            assert status == -number, output
        assert parts.is_dir()
    assert predict({**values, "out_dir": str(out)}) == 0
    assert predicted_videos.read_files(out) == expected
    assert not parts.exists()
    entry = json.loads((out / "summary.json").read_text())["videos"][0]
    assert (entry["status"], entry["frames"], entry["missing"]) == ("done", 264, 1)


def test_an_export_gives_the_poses_of_predict_video(tmp_path, monkeypatch):
    monkeypatch.setattr(keras_pose, "load", functools.lru_cache()(keras_pose.load))  # loading takes seconds
    exported_runs.write_run(tmp_path / "mine", model="flowing", window=1, flow="none", pooling="sum")
    export = exporter.export(ExportConfig(run_dir=str(tmp_path / "mine")), echo=lambda _: None)
    path = tmp_path / "clip.mp4"
    real_videos.write(path, generate("train", 0, 9, (64, 64)).frames)
    values = {"saved_model": export, "video": (str(path),), "out_dir": str(tmp_path / "out"), "formats": "npz"}
    assert predict(values) == 0
    poses = video_poses.load(tmp_path / "out" / "clip.npz")
    expected = list(keras_pose.load(export).predict_video(str(path)))
    np.testing.assert_array_equal(poses.joints[:, 0], [pose.joints for pose in expected])
    assert f"{poses.model.name}/{poses.model.version}" == "/".join(pathlib.Path(export).parts[-2:])
    assert (tmp_path / "out" / "clip_labelled.mp4").stat().st_size > 1000
