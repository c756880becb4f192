import re

import numpy as np
import pytest

from keras_pose.poses.formats import description
from keras_pose.skeleton import Skeleton
from tests.helpers import pose_files
from tests.helpers.video_poses import random_poses

pynwb = pytest.importorskip("pynwb")
pytest.importorskip("ndx_pose")
from keras_pose.poses.formats import nwb  # noqa: E402


@pytest.mark.parametrize("name", ["usual", "people", "gaps", "names", "no frame", "one frame", "part of a person"])
def test_pynwb_reads_it(tmp_path, name):
    poses = pose_files.case(name)
    nwb.write(tmp_path / "a.nwb", poses)
    with pynwb.NWBHDF5IO(str(tmp_path / "a.nwb"), "r", load_namespaces=True) as io:
        module = io.read().processing["behavior"]
        np.testing.assert_array_equal(module["frames"].data[:], poses.frames)
        plain = [re.sub("[/:]", "_", person) for person in poses.people]
        names = [f"{n}_person" if n == "frames" else n for n in plain] if len(plain) > 1 else ["PoseEstimation"]
        for p, key in enumerate(names):
            estimation = module[key]
            assert tuple(estimation.skeleton.nodes[:]) == poses.skeleton.joints
            assert [tuple(edge) for edge in estimation.skeleton.edges[:]] == poses.skeleton.edge_indices()
            assert estimation.source_software == "keras_pose"
            by_joint = {s.description: s for s in estimation.pose_estimation_series.values()}
            for j, joint in enumerate(poses.skeleton.joints):
                series = by_joint[f"Position of {joint} of {poses.people[p]}"]
                np.testing.assert_array_equal(series.data[:], poses.joints[:, p, j])
                expected = np.nan_to_num(pose_files.likelihoods(poses)[:, p, j])
                np.testing.assert_array_equal(series.confidence[:], expected)
                np.testing.assert_array_equal(series.timestamps[:], poses.times_s)
                assert "within 6.0 px" in series.confidence_definition


def test_it_is_valid_nwb(tmp_path):
    for name in ("usual", "names"):
        nwb.write(tmp_path / "a.nwb", pose_files.case(name))
        errors = pynwb.validate(path=str(tmp_path / "a.nwb"))
        assert not errors, errors


def test_many_joints(tmp_path):
    joints = tuple(f"joint {number}" for number in range(300))
    poses = random_poses(2, skeleton=Skeleton("many", joints, (), tuple(zip(joints, joints[1:]))))
    nwb.write(tmp_path / "a.nwb", poses)
    with pynwb.NWBHDF5IO(str(tmp_path / "a.nwb"), "r", load_namespaces=True) as io:
        skeleton = io.read().processing["behavior"]["PoseEstimation"].skeleton
        assert tuple(skeleton.nodes[:]) == joints
        assert skeleton.edges[-1].tolist() == [298, 299]


def test_unknown_times_follow_from_the_frame_rate(tmp_path):
    poses = pose_files.case("no times")
    nwb.write(tmp_path / "a.nwb", poses)
    with pynwb.NWBHDF5IO(str(tmp_path / "a.nwb"), "r", load_namespaces=True) as io:
        times = io.read().processing["behavior"]["frames"].timestamps[:]
    np.testing.assert_allclose(times, np.arange(12) / 25)


def test_other_poses_have_other_ids(tmp_path):
    texts = []
    for name in ("usual", "gaps"):
        nwb.write(tmp_path / "a.nwb", pose_files.case(name))
        with pynwb.NWBHDF5IO(str(tmp_path / "a.nwb"), "r", load_namespaces=True) as io:
            file = io.read()
            texts += [file.identifier, *(found.object_id for found in file.objects.values())]
            assert file.session_start_time.year == 1970
    assert len(set(texts)) == len(texts)


def test_the_description_is_in_the_notes(tmp_path):
    poses = pose_files.case("names")
    nwb.write(tmp_path / "a.nwb", poses)
    assert nwb.read_description(tmp_path / "a.nwb") == description.describe(poses)
