"""What is found, or found wrong, before any video is predicted."""

import os

import pytest

from keras_pose.labelling import suggest_checks
from keras_pose.labelling.config import SuggestConfig
from keras_pose.poses import video_poses
from tests.helpers import suggested_frames

pytest.importorskip("tables")


@pytest.fixture
def run_dir(tmp_path):
    os.mkdir(tmp_path / "run")
    (tmp_path / "run" / "flags.txt").write_text("")
    return str(tmp_path / "run")


@pytest.fixture
def poses(tmp_path):
    """Poses of a video `one`."""
    path = suggested_frames.write_clip(tmp_path / "videos" / "one.avi")
    video_poses.save(tmp_path / "one.npz", suggested_frames.make_poses(path))
    return str(tmp_path / "one.npz")


def check(tmp_path, **flags):
    return suggest_checks.check(SuggestConfig(str(tmp_path / "out"), **{"labels": "none", **flags}))


def test_mistakes_are_reported_before_anything_is_predicted(tmp_path, run_dir, poses):
    with pytest.raises(ValueError, match="--run_dir: expected the folder of a run"):
        check(tmp_path, run_dir=str(tmp_path), video=poses)
    with pytest.raises(ValueError, match="--video: .*none.mp4: .* found no such file"):
        check(tmp_path, run_dir=run_dir, video=str(tmp_path / "none.mp4"))
    twin = suggested_frames.write_clip(tmp_path / "other" / "one.avi")
    with pytest.raises(ValueError, match="--video: expected videos of different names"):
        check(tmp_path, run_dir=run_dir, video=twin, poses=poses)
    with pytest.raises(ValueError, match="--poses: expected files, found no file none.npz"):
        check(tmp_path, poses="none.npz")
    os.makedirs(tmp_path / "out", exist_ok=True)
    (tmp_path / "out" / "suggested.csv").write_text("")
    with pytest.raises(ValueError, match="--out_dir: expected a new folder"):
        check(tmp_path, poses=poses)


def test_a_folder_stands_for_its_videos(tmp_path, run_dir):
    paths = [suggested_frames.write_clip(tmp_path / "more" / name) for name in ("a.avi", "b.avi")]
    checked = check(tmp_path, run_dir=run_dir, video=f"{tmp_path}/more")
    assert (checked.videos, checked.labels) == (paths, None)


def test_names_that_differ_in_case_alone_are_the_same(tmp_path, run_dir):
    paths = [suggested_frames.write_clip(tmp_path / folder / name) for folder, name in (("a", "x.avi"), ("b", "X.avi"))]
    with pytest.raises(ValueError, match="--video: expected videos of different names"):
        check(tmp_path, run_dir=run_dir, video=tuple(paths))
