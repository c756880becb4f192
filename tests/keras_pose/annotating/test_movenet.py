"""SavedModels with MoveNet's signature: px of the frame, and the refusal of others."""

import itertools

import numpy as np
import pytest

from keras_pose.annotating.movenet import MoveNet
from keras_pose.media.video import VideoFrames
from tests.helpers import teachers


def test_joints_are_in_px_of_the_frame(movenet_folder):
    teacher = MoveNet(movenet_folder)
    assert teacher.input_size_hw == (64, 64)
    assert len(teacher.facts.digest) == 64
    frame = np.full((60, 120, 3), 90, np.uint8)
    frame[19:22, 79:82] = (255, 0, 0)
    poses = teacher.predict(frame[None])
    np.testing.assert_allclose(poses.joints[0, teachers.NOSE], (80, 20), atol=0.6)
    np.testing.assert_allclose(poses.scores[0, [0, 16]], (0.8, 0.2), atol=1e-6)


def test_another_saved_model_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"expected the signature of MoveNet .*found serving_default: x float32 \[1\]"):
        MoveNet(teachers.write_other(tmp_path / "other"))


def test_the_real_net_finds_a_person(shared_data):
    frames = VideoFrames(shared_data / "people" / "pose_test_video.mp4")
    [frame] = itertools.islice(frames, 1)
    teacher = MoveNet(shared_data / "teachers" / "movenet_lightning")
    [joints] = teacher.predict(frame[None]).joints
    nose, left_shoulder, right_shoulder = joints[0], joints[5], joints[6]
    assert right_shoulder[0] < nose[0] < left_shoulder[0]
    assert nose[1] < min(left_shoulder[1], right_shoulder[1]) < frame.shape[0]
