import json

import numpy as np
import pytest

from keras_pose.poses.formats import description
from tests.helpers import pose_files


@pytest.mark.parametrize(
    ("numbers", "runs"),
    [
        ([], []),
        ([7], [[7, 7, 1]]),
        (range(100), [[0, 99, 1]]),
        (range(10, 60, 5), [[10, 55, 5]]),
        ([0, 1, 2, 10, 20, 30, 31, 32], [[0, 2, 1], [10, 30, 10], [31, 32, 1]]),
    ],
)
def test_frames_are_runs(numbers, runs):
    assert description._runs(np.array(numbers, np.int64)) == runs
    np.testing.assert_array_equal(description.frame_numbers(runs), list(numbers))


def test_any_frames_come_back():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        numbers = np.flatnonzero(rng.uniform(size=200) < rng.uniform())
        np.testing.assert_array_equal(description.frame_numbers(description._runs(numbers)), numbers)


def test_the_description_states_frames_and_likelihood():
    about = description.describe(pose_files.case("gaps"))
    assert about["frames"] == [[10, 65, 5]]
    assert about["missing_frames"] == [[25, 25, 1]]
    assert about["likelihood"] == "confidence"
    assert description.describe(pose_files.case("not calibrated"))["likelihood"] == "score"
    assert json.loads(description.to_text(pose_files.case("gaps"))) == about


def test_likelihoods_are_explained():
    assert "within 6.0 px" in description.explain_likelihood(pose_files.case("usual"))
    assert "not calibrated" in description.explain_likelihood(pose_files.case("not calibrated"))


def test_facts_are_rebuilt():
    poses = pose_files.case("names")
    facts = description.rebuild(description.describe(poses))
    assert facts["skeleton"] == poses.skeleton
    assert facts["video"] == poses.video
    assert facts["people"] == poses.people


@pytest.mark.parametrize("text", ["", "[]", "null", "{"])
def test_other_text_is_refused(text):
    with pytest.raises(ValueError, match="a.nwb: expected a description of poses as JSON"):
        description.parse("a.nwb", text)


def test_a_description_beside_a_file(tmp_path):
    poses = pose_files.case("names")
    description.write_beside(tmp_path / "a.csv", poses)
    assert description.read_beside(tmp_path / "a.csv") == description.describe(poses)
    assert (tmp_path / "a.csv.json").is_file()
