import numpy as np
import pytest

from keras_pose.poses.formats import values
from tests.helpers import pose_files


def test_likelihoods_are_confidences_if_there_are_any():
    poses = pose_files.case("people")
    found = values.likelihoods(poses, 0)
    np.testing.assert_array_equal(found[0], poses.confidences[0])
    assert (found[3] == 0).all()
    plain = pose_files.case("not calibrated")
    np.testing.assert_array_equal(values.likelihoods(plain, 0), plain.scores)
    high = plain.replace(scores=plain.scores * 1.5)
    np.testing.assert_array_equal(values.likelihoods(high, 0), np.minimum(high.scores, 1))


def test_means_are_those_of_joints_that_are_there():
    poses = pose_files.case("part of a person")
    means = values.mean_likelihoods(poses)
    np.testing.assert_allclose(means[0, 0], poses.confidences[0, 0, [0, 2]].mean(), rtol=1e-6)
    np.testing.assert_allclose(means[5, 0], poses.confidences[5, 0].mean(), rtol=1e-6)
    assert np.isnan(means[3]).all()


def test_rows_stand_at_their_frames():
    poses = pose_files.case("gaps")  # frames 10, 15, …, 65
    table = values.spread(poses, poses.joints, np.nan)
    assert table.shape == (66, 1, 3, 2)
    np.testing.assert_array_equal(table[poses.frames], poses.joints)
    assert np.isnan(np.delete(table, poses.frames, 0)).all()
    np.testing.assert_array_equal(values.spread(poses, poses.joints, np.nan, 12, 33), table[12:33])
    assert values.num_rows(pose_files.case("no frame")) == 0


def test_some_poses_are_taken():
    poses = pose_files.case("gaps")
    assert values.take(poses, 2, 4).frames.tolist() == [20, 25]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "b"], ["a", "b"]),
        (["a/b", "a_b", "a:b"], ["a_b_2", "a_b", "a_b_3"]),
        (["", "/"], ["_", "__2"]),
    ],
)
def test_names_stay_different(names, expected):
    assert values.unique_names(names, "/:") == expected
