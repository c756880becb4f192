"""`movement` loads what the formats of DeepLabCut, SLEAP and NWB hold. It needs NumPy 2 (requirements/movement.txt)."""

import re

import numpy as np
import pytest

from keras_pose.poses import formats
from tests.helpers import pose_files

movement_io = pytest.importorskip("movement.io", reason="movement is not installed: requirements/movement.txt")

SOFTWARE = {"csv": "DeepLabCut", "h5": "DeepLabCut", "slp": "SLEAP", "analysis.h5": "SLEAP", "nwb": "NWB"}


@pytest.fixture(autouse=True)
def quiet():
    from loguru import logger

    logger.remove()


def arrays(data):
    """Joints [rows, P, J, 2], likelihoods [rows, P, J], and the names of people and joints in their order."""
    space = "space"
    people, joints = (next(n for n in data.dims if n.startswith(start)) for start in ("individual", "keypoint"))
    position = data.position.transpose("time", people, joints, space).to_numpy()
    confidence = data.confidence.transpose("time", people, joints).to_numpy()
    return position, confidence, [str(n) for n in data[people].values], [str(n) for n in data[joints].values]


@pytest.mark.parametrize("name", ["usual", "people", "gaps", "names", "one frame", "not calibrated"])
@pytest.mark.parametrize("ending", ["csv", "h5", "slp", "analysis.h5"])
def test_movement_loads_deeplabcuts_and_sleaps_files(tmp_path, ending, name):
    """Rows are frames of the video, names are in their order."""
    poses = pose_files.case(name)
    formats.write(tmp_path / f"a.{ending}", poses)
    data = movement_io.load_dataset(str(tmp_path / f"a.{ending}"), source_software=SOFTWARE[ending], fps=25)
    position, confidence, people, joints = arrays(data)
    assert tuple(joints) == poses.skeleton.joints
    assert tuple(people) == poses.people or (len(people) == 1 and ending in ("csv", "h5"))
    np.testing.assert_allclose(position[poses.frames], poses.joints, atol=0.00051, rtol=0)
    assert np.isnan(np.delete(position, poses.frames, 0)).all()
    there = np.isfinite(poses.joints).all(-1)
    np.testing.assert_allclose(confidence[poses.frames][there], pose_files.likelihoods(poses)[there], atol=1e-6)
    np.testing.assert_allclose(data.time, np.arange(poses.frames[-1] + 1) / 25)


@pytest.mark.parametrize("name", ["usual", "people", "gaps", "names"])
def test_movement_loads_nwb(tmp_path, name):
    """One person at a time; NWB keeps the series of joints in the order of their names."""
    poses = pose_files.case(name)
    formats.write(tmp_path / "a.nwb", poses)
    for p, person in enumerate(poses.people):
        plain = re.sub("[/:]", "_", f"{person}_person" if person == "frames" else person)
        key = {"pose_estimation_key": plain} if len(poses.people) > 1 else {}
        data = movement_io.load_dataset(str(tmp_path / "a.nwb"), source_software="NWB", **key)
        position, confidence, _, joints = arrays(data)
        if name != "names":  # there, two joints have the same name but for a character that NWB does not have
            order = [poses.skeleton.joints.index(joint) for joint in joints]
            np.testing.assert_array_equal(position[:, 0], poses.joints[:, p, order])
            assert sorted(order) == list(range(poses.skeleton.num_joints))
        assert position.shape == (poses.num_frames, 1, poses.skeleton.num_joints, 2)
        assert np.nanmax(confidence) <= 1
