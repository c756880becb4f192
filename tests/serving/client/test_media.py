"""Frames of videos as they are sent, and clips that overlap."""

import cv2
import numpy as np
import pytest

from serving.client import media
from tests.helpers import coded_videos, real_videos


def test_a_video_gives_its_frames_as_jpegs_in_order(video_file):
    video = media.VideoJpegs(video_file)
    frames = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) for data in video]
    assert video.fps == 25.0
    assert [frame.shape for frame in frames] == [(48, 64, 3)] * 23
    brightness = [frame.mean() for frame in frames]
    assert brightness == sorted(brightness)  # each frame is brighter than the one before


@pytest.mark.filterwarnings("ignore::keras_pose.media.MediaWarning")
def test_a_damaged_frame_keeps_its_place(tmp_path):
    path = tmp_path / "clip.mp4"
    real_videos.write(path, [np.full((48, 64, 3), 10 * i, np.uint8) for i in range(12)])
    real_videos.damage(path, [5, 6])
    frames = list(media.VideoJpegs(path))
    assert [i for i, frame in enumerate(frames) if frame == media.MISSING] == [5, 6]
    levels = {i: cv2.imdecode(np.frombuffer(f, np.uint8), 1).mean() for i, f in enumerate(frames) if f}
    assert levels == pytest.approx({i: 10 * i for i in range(12) if i not in (5, 6)}, abs=3)


def test_a_video_of_a_phone_is_sent_upright(tmp_path):
    path = tmp_path / "phone.mp4"
    frame = np.zeros((48, 64, 3), np.uint8)
    frame[:16, :16] = 255
    real_videos.write(path, [frame] * 2)
    real_videos.turn(path, 90)
    sent = cv2.imdecode(np.frombuffer(next(iter(media.VideoJpegs(path))), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert sent.shape == (64, 48)
    assert sent[:12, 36:].min() > 200  # the top left corner lies at the top right


def test_a_file_that_is_not_a_video_is_refused(tmp_path):
    path = tmp_path / "notes.mp4"
    path.write_bytes(b"words")
    with pytest.raises(ValueError, match=r"notes\.mp4: expected a picture or a video; as a video: "):
        media.check_video(path)
    with pytest.raises(ValueError, match=r"none\.mp4: expected a picture or a video; .*no such file"):
        media.check_video(tmp_path / "none.mp4")


@pytest.mark.parametrize(("length", "margin"), [(5, 2), (8, 0), (6, 1), (32, 8)])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 8, 9, 23, 40])
def test_clips_hold_each_frame_once_with_its_neighbours(count, length, margin):
    kept = []
    for clip, first, last in media.overlapping_clips(iter(range(count)), length, margin):
        assert len(clip) <= length
        for i in range(first, last):
            needed = range(max(0, clip[i] - margin), min(count, clip[i] + margin + 1))
            assert set(needed) <= set(clip)
        kept += clip[first:last]
    assert kept == list(range(count))


def test_clips_without_room_are_refused():
    with pytest.raises(ValueError, match="received length 4 and margin 2"):
        list(media.overlapping_clips([1], 4, 2))


def test_frames_have_the_times_of_the_file(tmp_path):
    times = [0, 1, 5, 6, 20]
    path = coded_videos.write_numbered(tmp_path / "clip.mp4", 5, times=times)
    video = media.VideoJpegs(path)
    assert video.times_s == []
    assert len(list(video)) == 5
    assert video.times_s == pytest.approx([time / 25 for time in times])
