"""Nets of others behind `PoseModel`: frames, regions and streams give the same joints."""

import numpy as np
import pytest

from keras_pose.annotating.movenet import MoveNet
from tests.helpers import teachers


@pytest.fixture(scope="module")
def teacher(movenet_folder):
    return MoveNet(movenet_folder)


def test_a_stream_gives_the_joints_of_frames(teacher):
    frames = teachers.make_frames(3)
    poses = teacher.predict(frames)
    streamed = list(teacher.stream().predict(frames))
    np.testing.assert_array_equal([pose.joints for pose in streamed], poses.joints)
    np.testing.assert_array_equal([pose.scores for pose in streamed], poses.scores)


def test_the_engine_gives_the_joints_of_frames_and_of_regions(teacher):
    frames = teachers.make_frames(2)
    engine = teacher.open_engine()
    whole = [engine.view(frame) for frame in frames]
    found = engine.single_poses(whole, engine.run(whole))
    np.testing.assert_array_equal([joints for joints, _ in found], teacher.predict(frames).joints)
    part = [engine.view(frames[0], (10.0, 20.0, 48.0, 48.0))]
    [(joints, _)] = engine.single_poses(part, engine.run(part))
    np.testing.assert_allclose(joints[teachers.NOSE], teachers.spot_positions(1)[0], atol=1.0)


def test_no_frames_give_no_joints(teacher):
    assert teacher.predict([]).joints.shape == (0, 17, 2)
