"""Predictions of whole videos and of their labelled frames."""

import numpy as np
import pytest

from benchmarks.video import video_predictions
from keras_pose.data.clip import VISIBLE, ArrayFrames, Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.inference.pose_model import FramePose
from tests.helpers.video_predictions import make_video


def make_clip(num_frames=6, labelled=(1, 3), frames=None):
    joints = np.arange(len(labelled) * 4, dtype=np.float32).reshape(-1, 2, 2) + 2
    visibility = np.full(joints.shape[:2], VISIBLE)
    frames = frames or ArrayFrames(np.random.default_rng(0).integers(0, 255, (num_frames, 16, 20, 3)))
    return Clip("a", frames, labelled, joints, visibility)


class FakeStream:
    """Predicts the mean grey level as x, the number of the frame as y."""

    def predict(self, frames):
        for i, frame in enumerate(frames):
            yield FramePose(i, np.full((2, 2), (frame.mean(), i), np.float32), np.ones(2, np.float32))


def test_a_stream_has_every_frame_and_its_labels():
    clip = make_clip(num_frames=6, labelled=(1, 3, 9))
    video = video_predictions.stream_clip(FakeStream(), clip)
    np.testing.assert_array_equal(video.frames, range(6))
    np.testing.assert_allclose(video.predicted[:, 0, 0], clip.frames.array.mean((1, 2, 3)), rtol=1e-5)
    assert np.flatnonzero(np.isfinite(video.truth).all((1, 2))).tolist() == [1, 3]
    np.testing.assert_array_equal(video.truth[[1, 3]], clip.joints[:2])
    assert len(video_predictions.stream_clip(FakeStream(), clip, most_frames=3).frames) == 3


def test_a_stream_takes_the_video_not_the_images_beside_it():
    class Both(ArrayFrames):
        def __init__(self, array):
            super().__init__(np.zeros_like(array))
            self.video = ArrayFrames(array)

    clip = make_clip(frames=Both(np.full((4, 8, 8, 3), 77, np.uint8)))
    np.testing.assert_allclose(video_predictions.stream_clip(FakeStream(), clip).predicted[..., 0], 77)


def test_separate_images_have_no_jitter_to_measure(tmp_path):
    frames = ImageFrames({1: tmp_path / "a.png", 3: tmp_path / "b.png"}, size_hw=(8, 8))
    with pytest.raises(ValueError, match="clip a: expected a video"):
        video_predictions.stream_clip(FakeStream(), make_clip(frames=frames))


def test_stream_and_window_are_compared_at_frames_that_both_have():
    video = make_video("a", np.zeros((5, 2, 2)))
    at_labels = make_video("a", np.full((5, 2, 2), (3.0, 4.0)))
    at_labels = ClipPredictions(
        "a", [1, 7], at_labels.predicted[:2], at_labels.scores[:2], at_labels.truth[:2], at_labels.visibility[:2]
    )
    assert video_predictions.stream_offset_px([at_labels], [video]) == 5.0
