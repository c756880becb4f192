import h5py
import numpy as np
import pandas as pd
import pytest

from keras_pose.data.importers.deeplabcut import pandas_frames
from keras_pose.skeleton import Skeleton
from tests.helpers import pose_files
from tests.helpers.video_poses import random_poses

pytest.importorskip("tables")
from keras_pose.poses.formats import deeplabcut_h5  # noqa: E402


@pytest.mark.parametrize("name", ["usual", "gaps", "people", "names", "no frame", "one frame"])
def test_pandas_reads_it_as_deeplabcuts(tmp_path, name):
    poses = pose_files.case(name)
    deeplabcut_h5.write(tmp_path / "a.h5", poses)
    several = len(poses.people) > 1
    for table in (pd.read_hdf(tmp_path / "a.h5"), pd.read_hdf(tmp_path / "a.h5", key="df_with_missing")):
        assert list(table.columns.names) == ["scorer", *(["individuals"] if several else []), "bodyparts", "coords"]
        assert list(table.index) == list(range(poses.frames[-1] + 1 if poses.num_frames else 0))
        assert tuple(table.columns.get_level_values("bodyparts").unique()) == poses.skeleton.joints
        shape = (len(table), len(poses.people), poses.skeleton.num_joints, 3)
        cells = table.to_numpy().reshape(shape)[poses.frames]
        np.testing.assert_array_equal(cells[..., :2], poses.joints)
        np.testing.assert_array_equal(cells[..., 2], np.nan_to_num(pose_files.likelihoods(poses)))


def test_a_reader_without_pandas(tmp_path):
    poses = pose_files.case("people")
    deeplabcut_h5.write(tmp_path / "a.h5", poses)
    frame = pandas_frames.read_frames(str(tmp_path / "a.h5"))["df_with_missing"]
    assert frame.levels == ["scorer", "individuals", "bodyparts", "coords"]
    assert frame.columns[:2] == [("keras_pose_mine", "ann", "shoulder", coord) for coord in "xy"]
    np.testing.assert_array_equal(frame.values[0, :2], poses.joints[0, 0, 0])


def test_deeplabcuts_own_file(tmp_path):
    names = pd.MultiIndex.from_product([["DLC"], ["a", "b"], ["x", "y", "likelihood"]], names=LEVELS)
    table = pd.DataFrame(np.arange(12.0).reshape(2, 6), columns=names)
    table.to_hdf(tmp_path / "rat.h5", key="df_with_missing", format="table", mode="w")
    poses = deeplabcut_h5.read(tmp_path / "rat.h5")
    assert poses.skeleton.joints == ("a", "b")
    np.testing.assert_array_equal(poses.joints[1, 0], [[6, 7], [9, 10]])


LEVELS = ["scorer", "bodyparts", "coords"]


def test_other_files_are_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["b"] = 1
    with pytest.raises(ValueError, match="a.h5: expected a table of DeepLabCut's predictions"):
        deeplabcut_h5.read(tmp_path / "a.h5")


def test_too_many_columns_are_named(tmp_path):
    joints = tuple(f"a joint with quite a long name {number}" for number in range(800))
    with pytest.raises(ValueError, match="a.h5: expected column names of at most 64 KiB, .* 7200 columns"):
        deeplabcut_h5.write(tmp_path / "a.h5", random_poses(2, ("a", "b", "c"), Skeleton("many", joints)))
    assert not (tmp_path / "a.h5").exists()
