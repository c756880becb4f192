"""Poses of videos that a run predicts."""

import os

import numpy as np
import pytest

from keras_pose.analysis import video_analysis
from keras_pose.inference import loading
from keras_pose.labelling import predicted_videos
from keras_pose.labelling.config import SuggestConfig
from keras_pose.poses import video_poses
from tests.helpers import suggested_frames
from tests.helpers.exported_runs import write_run


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("runs") / "mine")[2]


@pytest.fixture
def clip(tmp_path):
    return suggested_frames.write_clip(tmp_path / "a.avi", 5)


def predict(run_dir, out_dir, videos):
    said = []
    config = SuggestConfig(str(out_dir), run_dir=run_dir, video=tuple(videos))
    return predicted_videos.poses_of_videos(config, videos, said.append), said


def test_poses_are_those_of_the_analysis(run_dir, clip, tmp_path):
    (poses,), said = predict(run_dir, tmp_path / "out", [clip])
    expected = video_analysis.analyse(loading.load(run_dir), clip)
    for name in ("frames", "times_s", "joints", "scores", "confidences", "ambiguous", "regions"):
        np.testing.assert_array_equal(getattr(poses, name), getattr(expected, name))
    assert poses.model == expected.model
    assert (poses.video.path, poses.video.size_hw, poses.video.num_frames) == (clip, (48, 64), 5)
    assert said == [f"{clip}: 5 frames"]
    assert video_poses.load(tmp_path / "out" / "poses" / "a.npz").model == expected.model


def test_a_second_start_goes_on_behind_what_is_done(run_dir, clip, tmp_path, monkeypatch):
    predict(run_dir, tmp_path / "out", [clip])
    passes = []
    run = video_analysis._Pass.run
    monkeypatch.setattr(video_analysis._Pass, "run", lambda self: passes.append(1) or run(self))
    predict(run_dir, tmp_path / "out", [clip])
    assert not passes
    suggested_frames.write_clip(tmp_path / "a.avi", 6, seed=1)  # another video at the same place
    (poses,), _ = predict(run_dir, tmp_path / "out", [clip])
    assert (len(passes), poses.num_frames) == (1, 6)
    predicted_videos.remove_parts(str(tmp_path / "out"))
    assert os.listdir(tmp_path / "out" / "poses") == ["a.npz"]


def test_relative_paths_become_absolute(run_dir, clip, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (poses,), _ = predict(run_dir, tmp_path / "out", ["a.avi"])
    assert poses.video.path == clip


def test_no_readable_video_is_an_error(run_dir, tmp_path):
    (tmp_path / "a.avi").write_bytes(b"no video")
    with pytest.raises(ValueError, match="none of them can be read"):
        predict(run_dir, tmp_path / "out", [str(tmp_path / "a.avi")])


def test_poses_of_several_people_are_refused(clip, tmp_path):
    poses = suggested_frames.make_poses(clip, 5)
    arrays = {name: np.concatenate([getattr(poses, name)] * 2, 1) for name in _ARRAYS_OF_PEOPLE}
    video_poses.save(tmp_path / "two.npz", poses.replace(people=("a", "b"), **arrays))
    config = SuggestConfig(str(tmp_path / "out"), poses=str(tmp_path / "two.npz"))
    with pytest.raises(ValueError, match="--poses: expected one person, .*a.avi has 2"):
        predicted_videos.poses_of_videos(config, [], print)


_ARRAYS_OF_PEOPLE = ("joints", "scores", "confidences", "expected_errors_px", "ambiguous", "regions")
