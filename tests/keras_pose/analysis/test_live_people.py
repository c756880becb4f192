"""Live people: a causal stream each, in regions that may move."""

import numpy as np
import pytest

from keras_pose import load
from keras_pose.analysis.live_people import LivePeople
from keras_pose.inference.pose_model import CAUSAL
from tests.helpers.exported_runs import write_run


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return load(write_run(tmp_path_factory.mktemp("runs") / "run")[2])


def frames_of(count, size_hw=(80, 120)):
    rng = np.random.default_rng(0)
    return rng.integers(0, 255, (count, *size_hw, 3)).astype(np.uint8)


class TwoBoxes:
    """Person a in a still box, person b in a box that moves and is there in frames 1 and 2 only."""

    def __init__(self):
        self.updates = []

    def regions(self, number, frame):
        there = {"a": (10.0, 5.0, 64.0, 64.0)}
        if number in (1, 2):
            there["b"] = (30.0 + number, 8.0, 40.0, 60.0)
        return there

    def update(self, number, track, joints, scores):
        self.updates.append((number, track, joints.shape, scores.shape))


def test_the_whole_frame_gives_the_poses_of_the_causal_stream(model):
    frames = frames_of(3)
    people = LivePeople(model)
    stream = model.stream(CAUSAL)
    for number, frame in enumerate(frames):
        pose = people.predict(number, frame)["person"]
        expected = stream.push(frame)[-1]
        np.testing.assert_array_equal(pose.joints, expected.joints)
        np.testing.assert_array_equal(pose.scores, expected.scores)
        assert pose.region is None


def test_each_person_is_predicted_in_their_region(model):
    frames = frames_of(4)
    regions = TwoBoxes()
    people = LivePeople(model, regions)
    found = [people.predict(10 * number, frame) for number, frame in enumerate(frames)]
    assert [sorted(poses) for poses in found] == [["a"], ["a", "b"], ["a", "b"], ["a"]]
    joints = model.skeleton.num_joints
    assert [update[:2] for update in regions.updates] == [(0, "a"), (1, "a"), (1, "b"), (2, "a"), (2, "b"), (3, "a")]
    assert {update[2:] for update in regions.updates} == {((joints, 2), (joints,))}
    # A region without scaling is the same as a frame that was cut out.
    cut = model.stream(CAUSAL).push(frames[0][5:69, 10:74])[-1]
    np.testing.assert_allclose(found[0]["a"].joints, cut.joints + (10, 5), atol=1e-3)
    assert found[2]["b"].region == (32.0, 8.0, 40.0, 60.0)


def test_windows_in_seconds_follow_the_rate_of_the_frames(tmp_path):
    """At 10 frames/s, a window of 0.2 s reaches 2 frames back."""
    model = load(write_run(tmp_path / "run", model="flowing", window=2, flow="none", pooling="sum")[2])
    frames = frames_of(16)
    people = LivePeople(model)
    found = [people.predict(i, frame, i / 10)["person"] for i, frame in enumerate(frames)]
    assert people.frame_rate == pytest.approx(10)
    stream = model.stream(CAUSAL, frame_rate=10)
    expected = [stream.push(frame)[-1] for frame in frames[9:]]  # 10 frames tell the rate
    np.testing.assert_array_equal([pose.joints for pose in found[9:]], [pose.joints for pose in expected])


def test_look_ahead_moves_what_is_shown_but_not_the_poses(model):
    frames = frames_of(2)
    plain, ahead = LivePeople(model), LivePeople(model, look_ahead=3)
    for number, frame in enumerate(frames):
        pose = ahead.predict(number, frame)["person"]
        np.testing.assert_array_equal(pose.joints, plain.predict(number, frame)["person"].joints)
    assert np.abs(pose.ahead - pose.joints).max() > 0.01
