"""MediaPipe Pose in a process of its own. The package is optional: most tests give its place to a small stand-in."""

import os
import stat
import sys

import numpy as np
import pytest

from keras_pose.annotating.mediapipe_pose import MediaPipePose

_PACKAGE = """
class _Pose:
    def __init__(self, static_image_mode, model_complexity):
        assert model_complexity == 1
        self.follows = not static_image_mode
    def __enter__(self):
        return self
    def __exit__(self, *error):
        pass
    def process(self, image):
        print("noise among the answers")
        class Result:
            pose_landmarks = None
        if image.max() > 0:
            class Landmark:
                x, y, visibility = 0.25, image[0, 0, 0] / 255, 1.0 if self.follows else 0.75
            class Landmarks:
                landmark = [Landmark] * 33
            Result.pose_landmarks = Landmarks
        return Result

class solutions:
    class pose:
        Pose = _Pose

__version__ = "0.10.21"
"""


def python_with(folder, package):
    """A Python whose `mediapipe` is this text."""
    (folder / "mediapipe.py").write_text(package)
    path = folder / "python"
    path.write_text(f'#!/bin/sh\nPYTHONPATH="{folder}" exec "{sys.executable}" "$@"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_landmarks_are_px_of_the_frame(tmp_path):
    teacher = MediaPipePose(python_with(tmp_path, _PACKAGE))
    frames = np.full((2, 512, 512, 3), 255, np.uint8)
    frames[1] = 0
    poses = teacher.predict(frames)
    np.testing.assert_allclose(poses.joints[0], np.broadcast_to((127.5, 511.5), (33, 2)))
    np.testing.assert_array_equal(poses.scores, np.stack([np.full(33, 0.75), np.zeros(33)]))
    assert teacher.facts.version == "0.10.21"
    assert teacher.skeleton.joints[16] == "right_wrist"
    teacher.close()


def test_a_person_is_followed_if_asked_for(tmp_path):
    teacher = MediaPipePose(python_with(tmp_path, _PACKAGE), follow=True)
    points, scores = teacher.predict_fitted(np.full((1, 60, 80, 3), 255, np.uint8))
    np.testing.assert_allclose(points, np.broadcast_to((19.5, 59.5), (1, 33, 2)))
    np.testing.assert_array_equal(scores, 1)
    teacher.close()


def test_a_missing_package_and_a_missing_python_are_named(tmp_path):
    with pytest.raises(ValueError, match="--teacher=mediapipe: .*no such thing.*pip install"):
        MediaPipePose(python_with(tmp_path, "raise ImportError('no such thing')"))
    with pytest.raises(ValueError, match="--teacher_python: expected a Python, received .*none: No such file"):
        MediaPipePose(str(tmp_path / "none"))


def test_the_real_net_finds_a_person(shared_data):
    python = os.environ.get("MEDIAPIPE_PYTHON", "")
    if not python:
        pytest.skip("MEDIAPIPE_PYTHON does not name a Python with mediapipe")
    from keras_pose.media.video import VideoFrames

    teacher = MediaPipePose(python)
    frame = next(iter(VideoFrames(shared_data / "people" / "pose_test_video.mp4")))
    poses = teacher.predict(frame[None])
    nose, left_shoulder, right_shoulder = poses.joints[0][[0, 11, 12]]
    assert right_shoulder[0] < nose[0] < left_shoulder[0]
    assert poses.scores[0, 0] > 0.9
    teacher.close()
