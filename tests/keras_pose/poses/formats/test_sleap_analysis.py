import json

import h5py
import numpy as np
import pytest

from keras_pose.poses.formats import description, sleap_analysis
from tests.helpers import pose_files


@pytest.mark.parametrize("name", ["usual", "people", "gaps", "names", "no frame", "one frame"])
def test_arrays_have_sleaps_names_and_axes(tmp_path, name):
    """As SLEAP's `write_tracking_h5` writes them."""
    poses = pose_files.case(name)
    sleap_analysis.write(tmp_path / "a.analysis.h5", poses)
    rows = poses.frames[-1] + 1 if poses.num_frames else 0
    people = len(poses.people)
    joints = poses.skeleton.num_joints
    with h5py.File(tmp_path / "a.analysis.h5") as file:
        assert file["tracks"].shape == (people, 2, joints, rows)
        assert file["track_occupancy"].shape == (rows, people)
        assert file["point_scores"].shape == (people, joints, rows)
        assert file["instance_scores"].shape == file["tracking_scores"].shape == (people, rows)
        assert tuple(n.decode() for n in file["node_names"][:]) == poses.skeleton.joints
        assert tuple(n.decode() for n in file["track_names"][:]) == poses.people
        assert tuple((a.decode(), b.decode()) for a, b in file["edge_names"][:]) == poses.skeleton.edges
        assert [tuple(pair) for pair in file["edge_inds"][:]] == poses.skeleton.edge_indices()
        tracks = file["tracks"][:].transpose(3, 0, 2, 1)
        np.testing.assert_array_equal(tracks[poses.frames], poses.joints)
        assert np.isnan(np.delete(tracks, poses.frames, 0)).all()
        scores = file["point_scores"][:].transpose(2, 0, 1)
        np.testing.assert_array_equal(scores[poses.frames], pose_files.likelihoods(poses))
        there = np.isfinite(poses.joints).all(-1).any(-1)
        np.testing.assert_array_equal(file["track_occupancy"][:][poses.frames], there)
        assert file["track_occupancy"][:].sum() == there.sum()
        np.testing.assert_array_equal(file["times_s"][:][poses.frames], poses.times_s)
        assert file["video_path"][()].decode() == poses.video.path.replace("\udcff", "\ufffd")
        assert json.loads(file["provenance"][()])[description.KEY] == description.describe(poses)


@pytest.mark.parametrize("name", ["usual", "people", "gaps", "names", "one frame", "part of a person"])
def test_sleap_io_reads_it(tmp_path, name):
    sleap_io = pytest.importorskip("sleap_io")
    poses = pose_files.case(name)
    sleap_analysis.write(tmp_path / "a.analysis.h5", poses)
    labels = sleap_io.load_analysis_h5(str(tmp_path / "a.analysis.h5"))
    assert tuple(labels.skeletons[0].node_names) == poses.skeleton.joints
    symmetries = {frozenset(pair) for pair in labels.skeletons[0].symmetry_names}
    assert symmetries == set(map(frozenset, poses.skeleton.flip_pairs))
    assert tuple(track.name for track in labels.tracks) == poses.people
    found = np.full(poses.joints.shape, np.nan)
    for frame in labels.labeled_frames:
        for instance in frame.instances:
            n = poses.frames.tolist().index(frame.frame_idx)
            found[n, poses.people.index(instance.track.name)] = instance.numpy()
    np.testing.assert_array_equal(found, poses.joints)
