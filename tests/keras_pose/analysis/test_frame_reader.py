"""Frames of a video: their order, the time that reading takes, and groups of them."""

import time

import numpy as np

from keras_pose.analysis.frame_reader import FrameReader, TimedFrame, in_groups
from keras_pose.media.read_ahead import read_ahead
from keras_pose.media.video import VideoFrames
from tests.helpers import coded_videos


class SlowVideo:
    """Frames that take 10 ms each."""

    def numbered_with_times(self, start=0):
        for number in range(start, 6):
            time.sleep(0.01)
            yield number, number / 25, np.zeros((2, 2, 3), np.uint8)


def test_frames_come_in_order_from_start_to_end(tmp_path):
    video = VideoFrames(coded_videos.write_numbered(tmp_path / "clip.mp4", 12))
    reader = FrameReader(video, 3, 8)
    with read_ahead(reader.read(), 2) as frames:
        found = list(frames)
    video.close()
    assert [item.number for item in found] == [3, 4, 5, 6, 7]
    assert reader.count == 5
    np.testing.assert_allclose([item.time_s for item in found], np.arange(3, 8) / 25)


def test_only_the_time_of_reading_counts():
    reader = FrameReader(SlowVideo())
    for _ in reader.read():
        time.sleep(0.1)
    assert reader.count == 6
    assert reader.busy_s < 0.5
    assert reader.busy_s >= 0.06


def test_groups_end_where_they_must_and_are_no_larger_than_allowed():
    frames = [TimedFrame(number, None, None) for number in range(5, 16)]
    groups = in_groups(iter(frames), lambda number: (number + 1) % 8 == 0, 3)
    assert [[item.number for item in group] for group in groups] == [[5, 6, 7], [8, 9, 10], [11, 12, 13], [14, 15]]
