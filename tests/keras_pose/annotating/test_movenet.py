"""MoveNet's SavedModel, if it is there, finds a person in a frame of another shape than its input."""

import itertools

import pytest
import tensorflow as tf
from benchmarks.peers.movenet import MoveNet

from keras_pose.media.video import VideoFrames


def test_joints_are_in_px_of_the_frame(shared_data):
    frames = VideoFrames(shared_data / "people" / "pose_test_video.mp4")
    [frame] = itertools.islice(frames, 1)
    [joints] = MoveNet(shared_data / "teachers" / "movenet_lightning").predict_all([frame])
    assert joints.shape == (17, 3)
    nose, left_shoulder, right_shoulder = joints[0], joints[5], joints[6]
    assert right_shoulder[0] < nose[0] < left_shoulder[0]
    assert nose[1] < min(left_shoulder[1], right_shoulder[1]) < frame.shape[0]


def test_another_saved_model_is_refused(tmp_path):
    module = tf.Module()
    double = tf.function(lambda x: {"y": 2 * x}, input_signature=[tf.TensorSpec([1], tf.float32)])
    tf.saved_model.save(module, str(tmp_path / "other"), signatures=double.get_concrete_function())
    with pytest.raises(ValueError, match="expected a MoveNet with int32 `input`"):
        MoveNet(tmp_path / "other")
