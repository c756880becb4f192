"""predict.py on several videos."""

import functools
import json
import sys

import numpy as np
import pytest

import keras_pose
from keras_pose import locks
from keras_pose.analysis import many_videos
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


@pytest.fixture(scope="module")
def load_once(run):
    return functools.lru_cache()(keras_pose.load)


@pytest.fixture(autouse=True)
def loaded(load_once, monkeypatch):
    """Loading takes seconds: all tests share one model."""
    monkeypatch.setattr(keras_pose, "load", load_once)


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
    assert sorted(path.name for path in (videos / "out").iterdir() if path.name.startswith(".")) == []


def test_a_second_process_in_the_folder_is_refused(run, videos):
    (videos / "out").mkdir()
    with locks.hold_folder(videos / "out", ""):
        with pytest.raises(ValueError, match=r"--out_dir: another process is writing to .*: process \d+ \("):
            predict(run, videos)
        assert [path.name for path in (videos / "out").iterdir()] == [locks.FILE_NAME]


def test_finished_videos_are_skipped_unless_they_are_to_be_overwritten(run, videos):
    predict(run, videos)
    first = (videos / "out" / "a_clip.npz").read_bytes()
    _, lines = predict(run, videos)
    assert sum("skipped" in line for line in lines) == 2
    _, lines = predict(run, videos, overwrite=True)
    assert not any("skipped" in line for line in lines)
    assert (videos / "out" / "a_clip.npz").read_bytes() == first


def entries_of(videos):
    return {entry["name"]: entry for entry in json.loads((videos / "out" / "summary.json").read_text())["videos"]}


def count_calls(monkeypatch):
    """Names of the videos that are analysed from now on."""
    calls = []
    analyse = many_videos.analyse
    monkeypatch.setattr(many_videos, "analyse", lambda *args: (calls.append(args[1]), analyse(*args))[1])
    return calls


@pytest.mark.parametrize("formats", ["csv", "csv,npz"])
def test_other_flags_of_drawing_draw_the_video_anew(run, videos, monkeypatch, formats):
    (videos / "a" / "broken.mp4").unlink()
    flags = {"labelled": True, "formats": formats, "video": (str(videos / "a"),)}
    predict(run, videos, **flags)
    first = {path.name: path.read_bytes() for path in (videos / "out").iterdir() if path.is_file()}
    calls = count_calls(monkeypatch)
    predict(run, videos, **flags)
    assert calls == []
    predict(run, videos, **flags, crf=40)
    assert len(calls) == (0 if "npz" in formats else 1)  # poses are read back from a file without loss
    assert len((videos / "out" / "clip_labelled.mp4").read_bytes()) < len(first["clip_labelled.mp4"])
    assert (videos / "out" / "clip.csv").read_bytes() == first["clip.csv"]
    assert entries_of(videos)["clip"]["drawing"]["crf"] == 40
    predict(run, videos, **flags)
    assert (videos / "out" / "clip_labelled.mp4").read_bytes() == first["clip_labelled.mp4"]


def test_flags_of_regions_change_the_poses(run, videos, monkeypatch):
    boxes = videos / "boxes.txt"
    boxes.write_text("".join(f"{n},1,16,16,24,24,1\n{n},2,30,10,24,40,1\n" for n in range(1, 7)))
    flags = {"tracks": str(boxes), "video": (str(videos / "b"),)}
    predict(run, videos, **flags)
    first = video_poses.load(videos / "out" / "clip.npz")
    assert len(first.people) == 2
    assert np.isfinite(first.joints).all()
    calls = count_calls(monkeypatch)
    predict(run, videos, **flags, box_padding=2.0)
    assert len(calls) == 1
    second = video_poses.load(videos / "out" / "clip.npz")
    assert (second.regions[..., 2] > first.regions[..., 2]).all()
    assert second.settings["source_options"] == {"padding": 2.0, "max_gap": 12}
    predict(run, videos, **flags, box_padding=2.0, detector_every=3)  # there is no detector
    assert len(calls) == 1


def test_the_summary_says_what_was_done(run, videos):
    predict(run, videos, labelled=True)
    found = entries_of(videos)
    assert found["a_clip"]["files"] == ["a_clip.npz", "a_clip_labelled.mp4"]
    assert found["a_clip"]["path"] == str(videos / "a" / "clip.mp4")
    assert (found["a_clip"]["frames"], found["a_clip"]["missing"]) == (6, 0)
    assert set(found["a_clip"]["rates"]) == {"frames", "decode", "net", "joints"}
    assert found["a_clip"]["seconds"] > 0
    assert found["broken"].keys() >= {"path", "error", "seconds"}
    assert "files" not in found["broken"]


def test_the_command_says_by_its_status_that_a_video_failed(run, videos):
    command = [sys.executable, str(conftest.ROOT / "predict.py"), f"--run_dir={run}", f"--video={videos / 'a'}"]
    status, output = tiny.run([*command, f"--out_dir={videos / 'out'}", "--formats=npz", "--nolabelled"])
    assert status == 1, output
    assert "1 of 2 videos failed" in output
