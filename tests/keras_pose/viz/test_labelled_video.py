"""Labelled videos: every predicted frame at its time with its joints, killed or not, and what is refused."""

import os
import sys
import threading

import numpy as np
import pytest

from keras_pose.media.video import VideoFrames
from keras_pose.poses.video_poses import ModelFacts, VideoFacts, VideoPoses, empty_arrays
from keras_pose.skeleton import Skeleton
from keras_pose.viz import pose_marks
from keras_pose.viz.heatmap_overlay import Overlay
from keras_pose.viz.label_style import Run
from keras_pose.viz.labelled_frame import FrameLabeller
from keras_pose.viz.labelled_video import SEGMENT_FRAMES, Style, people_in_frame, write_labelled_video
from tests.helpers import real_videos, tiny
from tests.helpers.coded_videos import turn_by_matrix, write_coded
from tests.helpers.full_disk import limit_file_size

SKELETON = Skeleton("arm", ("left_a", "right_a"), (("left_a", "right_a"),))
SIZE_HW = (96, 128)
PLAIN = Style(least_side_px=16, caption=False, trail_frames=0, stroke=4.0)


def grey_frame(number, size_hw=SIZE_HW):
    """A dark frame; its brightness tells its number."""
    return np.full((*size_hw, 3), 20 + number % 60, np.uint8)


def positions(numbers):
    """float [N, 2]: where the left joint is in each frame."""
    numbers = np.asarray(numbers)
    return np.stack([20 + numbers * 7 % 88, 16 + numbers * 3 % 64], -1).astype(np.float64)


def make_poses(path, numbers, fps=25.0, name="mine", size_hw=SIZE_HW, num_frames=None):
    numbers = np.asarray(numbers)
    arrays = empty_arrays(len(numbers), 1, 2)
    arrays["frames"] = numbers
    arrays["times_s"] = numbers / fps
    arrays["decoded"][:] = True
    arrays["joints"][:, 0, 0] = positions(numbers)
    arrays["scores"][:] = 1
    facts = VideoFacts(str(path), size_hw, fps, num_frames or int(numbers.max()) + 1)
    return VideoPoses(video=facts, model=ModelFacts(name), skeleton=SKELETON, **arrays)


def marks_at(frame):
    """The centre of what has the left joint's colour; NaN if nothing has."""
    distance = np.abs(frame.astype(int) - pose_marks.LEFT_COLOR).max(-1)
    places = np.argwhere(distance < 40)
    return places.mean(0)[::-1] if len(places) else np.full(2, np.nan)


@pytest.fixture(scope="module")
def video_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("video") / "clip.mp4"
    return write_coded(path, [grey_frame(i) for i in range(40)])


def test_each_frame_has_its_joints_and_its_time(tmp_path, video_path):
    done = []
    poses = make_poses(video_path, range(40))
    write_labelled_video(tmp_path / "a.mp4", video_path, [poses], PLAIN, lambda *counts: done.append(counts))
    labelled = VideoFrames(tmp_path / "a.mp4")
    assert (labelled.num_frames, labelled.size_hw, labelled.fps) == (40, SIZE_HW, 25)
    for number, frame in enumerate(labelled):
        np.testing.assert_allclose(marks_at(frame), positions([number])[0], atol=1)
        assert abs(float(np.median(frame)) - (20 + number)) < 3
    assert done == [(i + 1, 40) for i in range(40)]
    assert os.listdir(tmp_path) == ["a.mp4"]


def test_only_predicted_frames_are_in_it_at_their_times(tmp_path, video_path):
    numbers = [10, 15, 20, 25]
    write_labelled_video(tmp_path / "a.mp4", video_path, [make_poses(video_path, numbers)], PLAIN)
    labelled = VideoFrames(tmp_path / "a.mp4")
    assert labelled.fps == pytest.approx(5)
    for number, frame in zip(numbers, labelled.read(range(4))):
        np.testing.assert_allclose(marks_at(frame), positions([number])[0], atol=1)
    assert labelled.num_frames == 4


def test_unknown_times_follow_the_frame_rate(tmp_path, video_path):
    poses = make_poses(video_path, range(5), fps=10.0)
    poses = poses.replace(times_s=np.full(5, np.nan))
    write_labelled_video(tmp_path / "a.mp4", video_path, [poses])
    assert VideoFrames(tmp_path / "a.mp4").fps == pytest.approx(10)


def test_runs_stand_beside_each_other_and_may_lack_frames(tmp_path, video_path):
    poses = [make_poses(video_path, range(6)), make_poses(video_path, [4, 5, 6, 7], name="other")]
    write_labelled_video(tmp_path / "a.mp4", video_path, poses, PLAIN)
    frames = VideoFrames(tmp_path / "a.mp4").read(range(8))
    runs = [Run(name, SKELETON) for name in ("mine", "other")]
    head = FrameLabeller(SIZE_HW, runs, PLAIN).size_hw[0] - SIZE_HW[0]
    assert frames.shape[2] == 2 * SIZE_HW[1] + 2
    for number, frame in enumerate(frames):
        for left, there in ((0, number < 6), (SIZE_HW[1] + 2, number >= 4)):
            mark = marks_at(frame[head : head + SIZE_HW[0], left : left + SIZE_HW[1]])
            if there:
                np.testing.assert_allclose(mark, positions([number])[0], atol=1)
            else:
                assert np.isnan(mark).all()


def test_a_damaged_frame_is_a_banner_at_its_place(tmp_path):
    path = tmp_path / "clip.mp4"
    real_videos.write(path, [grey_frame(i) for i in range(12)])
    real_videos.damage(path, [5])
    poses = make_poses(path, range(12))
    joints = poses.joints.copy()
    joints[5] = np.nan
    poses = poses.replace(joints=joints, decoded=np.arange(12) != 5)
    with pytest.warns(UserWarning, match="5"):
        write_labelled_video(tmp_path / "a.mp4", path, [poses], PLAIN)
    labelled = VideoFrames(tmp_path / "a.mp4")
    assert labelled.num_frames == 12
    frames = labelled.read(range(12))
    assert np.isnan(marks_at(frames[5])).all()
    assert frames[5].max() > 200  # the words of the banner
    for number in (4, 6, 11):
        np.testing.assert_allclose(marks_at(frames[number]), positions([number])[0], atol=1)


def test_a_turned_video_is_labelled_upright(tmp_path):
    frames = [np.zeros((96, 128, 3), np.uint8) for _ in range(4)]
    for frame in frames:
        frame[:20, :20] = (200, 0, 0)
    path = turn_by_matrix(write_coded(tmp_path / "clip.mp4", frames), (0, 1, -1, 0))
    poses = make_poses(path, range(4), size_hw=(128, 96))
    write_labelled_video(tmp_path / "a.mp4", path, [poses], PLAIN)
    labelled = VideoFrames(tmp_path / "a.mp4")
    assert labelled.size_hw == (128, 96)
    drawn = labelled.read([3])[0]
    np.testing.assert_allclose(drawn[8, 88], VideoFrames(path).read([3])[0][8, 88], atol=8)
    assert drawn[8, 88, 0] > 150
    np.testing.assert_allclose(marks_at(drawn), positions([3])[0], atol=1)


def test_odd_sizes(tmp_path):
    path = write_coded(tmp_path / "clip.mkv", [grey_frame(i, (95, 127)) for i in range(3)], "ffv1", "bgr0")
    write_labelled_video(tmp_path / "a.mp4", path, [make_poses(path, range(3), size_hw=(95, 127))], PLAIN)
    frames = VideoFrames(tmp_path / "a.mp4").read(range(3))
    assert frames.shape[1:3] == (96, 128)
    np.testing.assert_allclose(marks_at(frames[2]), positions([2])[0], atol=1)


def test_heatmaps_are_asked_for_each_frame_and_drawn(tmp_path, video_path):
    asked = []

    def overlay(frame, run):
        asked.append((frame.shape, run))
        number = round((int(frame[0, 0, 0]) - 20) / 8)
        maps = np.zeros((24, 32, 2), np.float32)
        maps[20, 2 + number * 4, 0] = 1
        return Overlay(maps, np.diag([4.0, 4.0, 1.0]))

    style = Style(least_side_px=16, caption=False, trail_frames=0, overlay=overlay)
    poses = make_poses(video_path, range(0, 40, 8))
    poses = poses.replace(joints=np.full_like(poses.joints, np.nan))
    write_labelled_video(tmp_path / "a.mp4", video_path, [poses], style)
    for number, frame in enumerate(VideoFrames(tmp_path / "a.mp4").read(range(5))):
        blue = frame[..., 2].astype(int) - frame[..., 0]
        y, x = np.unravel_index(blue.argmax(), blue.shape)
        np.testing.assert_allclose((x, y), (4 * (2 + number * 4), 80), atol=2)
    assert asked == [((*SIZE_HW, 3), 0)] * 5


def test_trails_end_at_gaps_of_the_prediction(video_path):
    poses = make_poses(video_path, [0, 2, 4, 10, 12, 14, 16])
    for row, expected in ((0, []), (2, [0, 1]), (3, []), (4, [3]), (6, [3, 4, 5])):
        np.testing.assert_array_equal(people_in_frame(poses, row, 5).older, poses.joints[expected])
    assert len(people_in_frame(poses, 6, 2).older) == 2
    assert len(people_in_frame(poses, 6, 0).older) == 0


def test_calibrated_confidences_come_before_scores(video_path):
    poses = make_poses(video_path, range(3))
    np.testing.assert_array_equal(people_in_frame(poses, 1, 0).confidences, poses.scores[1])
    calibrated = poses.replace(confidences=np.full_like(poses.scores, 0.25))
    assert (people_in_frame(calibrated, 1, 0).confidences == 0.25).all()


_LABEL_AND_HANG = """
import sys, time
from tests.keras_pose.viz import test_labelled_video as here
def hang(done, total):
    if done == int(sys.argv[4]):
        print("there", flush=True)
        time.sleep(600)
here.label_long(sys.argv[1], sys.argv[2], sys.argv[3], hang)
"""


def label_long(out, video, folder, progress=None):
    poses = make_poses(video, range(LONG), size_hw=(32, 48))
    write_labelled_video(out, video, [poses], Style(least_side_px=16, caption=False), progress, folder)


LONG = 2 * SEGMENT_FRAMES + 60


@pytest.fixture(scope="module")
def long_video(tmp_path_factory):
    path = tmp_path_factory.mktemp("long") / "clip.mp4"
    return write_coded(path, [grey_frame(i, (32, 48)) for i in range(LONG)], options={"preset": "ultrafast"})


def test_killed_and_started_again_it_has_the_same_bytes(tmp_path, long_video):
    label_long(tmp_path / "whole.mp4", long_video, None)
    whole = (tmp_path / "whole.mp4").read_bytes()
    folder = tmp_path / "parts"
    out = tmp_path / "out.mp4"
    # Kill it in the second segment, then in the third, and let it end.
    for frame in (SEGMENT_FRAMES + 30, LONG - 5):
        arguments = [sys.executable, "-c", _LABEL_AND_HANG, *map(str, (out, long_video, folder, frame))]
        process = tiny.start(arguments)
        assert process.stdout.readline() == "there\n"
        process.kill()
        process.communicate()
        assert not out.exists()
    done = []
    label_long(out, long_video, folder, lambda count, total: done.append(count))
    assert done[0] == 2 * SEGMENT_FRAMES + 1  # the first two segments were not made again
    assert out.read_bytes() == whole
    assert sorted(os.listdir(tmp_path)) == ["out.mp4", "whole.mp4"]
    assert VideoFrames(out).num_frames == LONG


def test_segments_of_other_poses_are_not_used(tmp_path, long_video):
    def stop(done, total):
        if done > SEGMENT_FRAMES + 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        label_long(tmp_path / "a.mp4", long_video, tmp_path / "parts", stop)
    assert "segment-000000.npz" in os.listdir(tmp_path / "parts")
    style = Style(least_side_px=16, caption=False)
    other = make_poses(long_video, range(LONG), size_hw=(32, 48))
    other = other.replace(joints=other.joints[:, :, ::-1])
    write_labelled_video(tmp_path / "a.mp4", long_video, [other], style, folder=tmp_path / "parts")
    write_labelled_video(tmp_path / "b.mp4", long_video, [other], style)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_errors_name_the_file_end_all_threads_and_leave_nothing(tmp_path, video_path):
    poses = make_poses(video_path, range(40))
    out = tmp_path / "a.mp4"
    before = threading.active_count()
    for path, of, message in [
        (tmp_path / "a.avi", [poses], "a.avi: expected a labelled video ending in .mp4"),
        (out, [], "a.mp4: expected predicted frames"),
        (out, [make_poses(video_path, [0], size_hw=(48, 64))], "expected frames of 48×64 px .* found 96×128"),
    ]:
        with pytest.raises(ValueError, match=message):
            write_labelled_video(path, video_path, of)
    with pytest.raises(ValueError, match="nowhere.mp4"):
        write_labelled_video(out, tmp_path / "nowhere.mp4", [poses])

    def fail(frame, run):
        raise ValueError("no heatmaps")

    with pytest.raises(ValueError, match="no heatmaps"):
        write_labelled_video(out, video_path, [poses], Style(overlay=fail))
    with pytest.raises(KeyError):
        write_labelled_video(out, video_path, [poses], PLAIN, lambda done, total: {}[done])
    with limit_file_size(3000), pytest.raises(OSError, match="a.mp4"):
        write_labelled_video(out, video_path, [poses], Style(crf=1))
    assert threading.active_count() == before
    assert os.listdir(tmp_path) == []
