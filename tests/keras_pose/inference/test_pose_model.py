"""What runs and exports share: videos are predicted through streams, arrays are checked."""

import numpy as np
import pytest

from keras_pose.inference import pose_model
from keras_pose.inference.frame_checks import check_frames
from keras_pose.inference.pose_model import FramePose, PoseModel, Poses
from keras_pose.inference.window_stream import WindowStream
from keras_pose.media.video import write_video
from keras_pose.skeleton import Skeleton
from tests.helpers import coded_videos, real_videos


class Brightness(PoseModel):
    """Puts its one joint at x = mean grey level."""

    skeleton = Skeleton("one", ("grey",))

    def predict(self, frames, frame_rate=0.0):
        means = check_frames(frames).mean((1, 2, 3), dtype=np.float32)
        return Poses(np.stack([means, 0 * means], -1)[:, None], np.ones((len(frames), 1), np.float32))

    def stream(self, mode=pose_model.CENTRED, frame_rate=0.0):
        def predict_middle(frames, middle):
            poses = self.predict(np.stack(frames))
            return poses.joints[middle], poses.scores[middle]

        return WindowStream(predict_middle, 1, 1, mode)


def grey_frames(count):
    return np.stack([np.full((32, 48, 3), 10 + 20 * i, np.uint8) for i in range(count)])


def test_a_video_is_predicted_frame_by_frame_in_order(tmp_path):
    write_video(tmp_path / "a.avi", grey_frames(6), fps=25.0)
    poses = list(Brightness().predict_video(tmp_path / "a.avi"))
    assert [pose.frame for pose in poses] == list(range(6))
    np.testing.assert_allclose([pose.time_s for pose in poses], np.arange(6) / 25.0)
    np.testing.assert_allclose([pose.joints[0, 0] for pose in poses], 10 + 20 * np.arange(6), atol=4)  # motion JPEG


def test_poses_have_the_times_of_a_variable_frame_rate(tmp_path):
    times = [0, 1, 5, 6, 20, 21]
    coded_videos.write_coded(tmp_path / "a.mkv", list(grey_frames(6)), times=times)
    poses = list(Brightness().predict_video(tmp_path / "a.mkv"))
    np.testing.assert_allclose([pose.time_s for pose in poses], np.array(times) / 25)


@pytest.mark.parametrize(
    ("name", "codec", "lost"),
    [
        ("a.mp4", "libx264", {4}),
        ("a.mp4", "libx264", {2, 3, 4, 9}),
        ("a.avi", "mjpeg", {0, 5}),
        ("a.avi", "mpeg4", {9}),
    ],
)
@pytest.mark.filterwarnings("ignore::keras_pose.media.MediaWarning")
def test_a_damaged_frame_keeps_its_number_and_moves_no_other(tmp_path, name, codec, lost):
    real_videos.write(tmp_path / name, grey_frames(10), codec)
    real_videos.damage(tmp_path / name, lost)
    poses = list(Brightness().predict_video(tmp_path / name))
    assert [pose.frame for pose in poses] == list(range(10))
    np.testing.assert_allclose([pose.time_s for pose in poses], np.arange(10) / 25.0)
    assert {pose.frame for pose in poses if not pose.decoded} == lost
    for pose in poses:
        if pose.decoded:
            assert pose.joints[0, 0] == pytest.approx(10 + 20 * pose.frame, abs=4)
        else:
            assert np.isnan(pose.joints).all()
            assert (pose.scores == 0).all()


@pytest.mark.filterwarnings("ignore::keras_pose.media.MediaWarning")
def test_a_turned_video_is_predicted_upright(tmp_path):
    real_videos.write(tmp_path / "phone.mp4", grey_frames(3))
    real_videos.turn(tmp_path / "phone.mp4", 90)
    model = Brightness()
    shapes = []
    model.predict = lambda frames: shapes.append(frames.shape) or Brightness.predict(model, frames)
    assert len(list(model.predict_video(tmp_path / "phone.mp4"))) == 3
    assert {shape[1:] for shape in shapes} == {(48, 32, 3)}  # stored as 32×48


def test_a_missing_video_is_named_at_once(tmp_path):
    with pytest.raises(ValueError, match="none.mp4: expected a video, found no such file"):
        Brightness().predict_video(tmp_path / "none.mp4")


def test_poses_before_a_damaged_frame_come_first():
    def frames():
        yield from grey_frames(3)
        raise ValueError("clip.mp4: cannot read frame 3")

    poses = Brightness().stream().predict(frames())
    assert [next(poses).frame for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="cannot read frame 3"):
        next(poses)


def test_a_video_of_no_frames_has_no_poses():
    assert list(Brightness().stream().predict([])) == []
    assert list(Brightness().stream().predict(np.zeros((0, 8, 8, 3), np.uint8))) == []


def test_the_time_of_a_frame_is_unknown_by_default():
    assert FramePose(3, np.zeros((1, 2)), np.zeros(1)).time_s is None


def test_modes_are_known_by_name():
    pose_model.check_mode("centred")
    pose_model.check_mode("causal")
    with pytest.raises(ValueError, match="mode: expected one of centred, causal, received 'live'"):
        pose_model.check_mode("live")
