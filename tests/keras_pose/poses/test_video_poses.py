import numpy as np
import pytest

from keras_pose.poses import video_poses
from tests.helpers.video_poses import random_poses


def test_what_is_saved_is_loaded(tmp_path):
    poses = random_poses(people=("ann", "bob"))
    video_poses.save(tmp_path / "clip.npz", poses)
    loaded = video_poses.load(tmp_path / "clip.npz")
    assert loaded.describe() == poses.describe()
    assert loaded.skeleton == poses.skeleton
    for name in video_poses.empty_arrays(0, 1, 1):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(poses, name), err_msg=name)


def test_same_poses_give_same_bytes(tmp_path):
    video_poses.save(tmp_path / "a.npz", random_poses())
    video_poses.save(tmp_path / "b.npz", random_poses())
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_empty_arrays_hold_nobody():
    arrays = video_poses.empty_arrays(2, 3, 4)
    assert arrays["joints"].shape == (2, 3, 4, 2)
    assert np.isnan(arrays["joints"]).all()
    assert not arrays["scores"].any()
    assert not arrays["decoded"].any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"joints": np.zeros((12, 1, 2, 2))}, r"joints: expected shape \[12, 1, 3, 2\], received \[12, 1, 2, 2\]"),
        ({"frames": np.zeros(12)}, "frames: expected rising numbers"),
        ({"people": ("a", "b")}, r"joints: expected shape \[12, 2, 3, 2\]"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        random_poses().replace(**changes)


def test_other_files_are_refused(tmp_path):
    other = tmp_path / "other.npz"
    np.savez(other, a=1)
    with pytest.raises(ValueError, match=r"other.npz: expected the poses of a video"):
        video_poses.load(other)
    with pytest.raises(OSError, match="missing.npz"):
        video_poses.load(tmp_path / "missing.npz")
