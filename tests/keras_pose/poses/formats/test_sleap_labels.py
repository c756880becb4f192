import json

import h5py
import numpy as np
import pytest

from keras_pose.poses.formats import description
from tests.helpers import pose_files

sleap_io = pytest.importorskip("sleap_io")
from keras_pose.poses.formats import sleap_labels  # noqa: E402


@pytest.mark.parametrize("name", ["usual", "people", "gaps", "names", "no frame", "one frame", "part of a person"])
def test_sleap_io_reads_it(tmp_path, name):
    poses = pose_files.case(name)
    sleap_labels.write(tmp_path / "a.slp", poses)
    labels = sleap_io.load_slp(str(tmp_path / "a.slp"), open_videos=False)
    skeleton = labels.skeletons[0]
    assert tuple(skeleton.node_names) == poses.skeleton.joints
    assert tuple((edge.source.name, edge.destination.name) for edge in skeleton.edges) == poses.skeleton.edges
    assert {frozenset(pair) for pair in skeleton.symmetry_names} == set(map(frozenset, poses.skeleton.flip_pairs))
    assert tuple(track.name for track in labels.tracks) == poses.people
    assert labels.video.filename == poses.video.path
    assert tuple(labels.video.backend_metadata["shape"]) == (poses.num_frames, 240, 320, 3)
    assert labels.video.backend_metadata["fps"] == 25
    assert labels.provenance[description.KEY] == description.describe(poses)
    assert [frame.frame_idx for frame in labels.labeled_frames] == poses.frames.tolist()
    found = np.full((*poses.scores.shape, 3), np.nan)
    for n, frame in enumerate(labels.labeled_frames):
        for instance in frame.predicted_instances:
            p = poses.people.index(instance.track.name)
            found[n, p] = instance.numpy(scores=True)
            mean = np.nanmean(pose_files.likelihoods(poses)[n, p])
            assert instance.score == pytest.approx(mean, abs=1e-6)
    np.testing.assert_array_equal(found[..., :2], poses.joints)
    there = ~np.isnan(poses.joints).any(-1)
    np.testing.assert_array_equal(found[there][:, 2], pose_files.likelihoods(poses)[there])


def test_symmetries_are_left_and_right_whatever_sleap_io_does(tmp_path):
    """sleap-io keeps the two nodes in a set of objects, whose order is that of their addresses."""
    poses = pose_files.case("names")
    for _ in range(20):
        sleap_labels.write(tmp_path / "a.slp", poses)
        with h5py.File(tmp_path / "a.slp") as file:
            content = json.loads(file["metadata"].attrs["json"])
        names = [node["name"] for node in content["nodes"]]
        links = [link for link in content["skeletons"][0]["links"] if "edge_insert_idx" not in link]
        pairs = tuple((names[link["source"]], names[link["target"]]) for link in links)
        assert pairs == poses.skeleton.flip_pairs


def test_sleap_io_writes_the_same(tmp_path):
    """What sleap-io writes of the labels that it has read holds the same predictions."""
    poses = pose_files.case("people")
    sleap_labels.write(tmp_path / "a.slp", poses)
    labels = sleap_io.load_slp(str(tmp_path / "a.slp"), open_videos=False)
    sleap_io.save_slp(labels, str(tmp_path / "b.slp"), embed=False, verbose=False)
    with h5py.File(tmp_path / "a.slp") as a, h5py.File(tmp_path / "b.slp") as b:
        for name in ("frames", "instances", "pred_points", "points"):
            assert a[name].dtype == b[name].dtype
            for field in a[name].dtype.names:
                np.testing.assert_array_equal(a[name][field], b[name][field], err_msg=f"{name} {field}")
