"""Poses of a video by a run."""

import numpy as np
import pytest

from keras_pose.inference import loading
from keras_pose.labelling import video_poses_of
from tests.helpers import suggested_frames
from tests.helpers.exported_runs import write_run


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("runs") / "mine")[2]


def test_poses_are_those_of_the_model(run_dir, tmp_path):
    path = suggested_frames.write_clip(tmp_path / "a.avi", 5)
    model = loading.load(run_dir)
    counted = []
    facts = video_poses_of.describe_model(run_dir)
    poses = video_poses_of.video_poses_of(model, facts, path, lambda: counted.append(1))
    expected = list(model.predict_video(path))
    np.testing.assert_array_equal(poses.joints[:, 0], [pose.joints for pose in expected])
    np.testing.assert_array_equal(poses.scores[:, 0], [pose.scores for pose in expected])
    np.testing.assert_allclose(poses.times_s, np.arange(5) / 25)
    assert poses.decoded.all()
    assert len(counted) == 5
    assert (poses.video.path, poses.video.size_hw, poses.video.num_frames) == (path, (48, 64), 5)


def test_the_digest_is_that_of_the_weights(run_dir, tmp_path):
    facts = video_poses_of.describe_model(run_dir)
    assert facts == video_poses_of.describe_model(f"{run_dir}/")
    assert (facts.name, facts.version, len(facts.digest)) == ("mine", "", 64)
    other = video_poses_of.describe_model(write_run(tmp_path / "mine", width=0.5)[2])
    assert other.digest != facts.digest


def test_a_missing_video_is_an_error(run_dir):
    with pytest.raises(ValueError, match="none.mp4"):
        video_poses_of.video_poses_of(loading.load(run_dir), video_poses_of.describe_model(run_dir), "none.mp4")
