"""A video file from disk to poses: speed, memory and the order of frames."""

import numpy as np
import pytest

from benchmarks.video import video_file
from keras_pose.media import video


def test_speed_is_that_of_the_whole_video_with_the_spread_of_its_tenths():
    length = video_file.Length(frames=100, settled_frame=40)
    ends = np.arange(1, 101) / 50
    ends[50:] += 1.0  # a second's pause in the middle
    (row,) = video_file.speed_rows(ends, length)
    assert row.value == pytest.approx(100 / 3)
    assert row.high == pytest.approx(50, rel=0.01)
    assert row.low < 20


def test_growth_of_memory_is_from_the_settled_frame_to_the_last():
    (row,) = video_file.memory_rows({200: 500.0, 1000: 512.5})
    assert (row.value, row.unit, row.holds) == (12.5, "MB", True)
    assert not video_file.memory_rows({200: 500.0, 1000: 530.0})[0].holds
    assert video_file.memory_rows({200: None, 1000: None}) == []


def test_a_video_is_read_in_rising_order(tmp_path):
    frames = np.repeat(np.arange(0, 200, 10, dtype=np.uint8)[:, None, None, None], 64, 1).repeat(64, 2).repeat(3, 3)
    video.write_video(tmp_path / "a.avi", frames, fps=25)
    read = list(video_file.read_video(tmp_path / "a.avi", 20, chunk=6))
    np.testing.assert_allclose([frame.mean() for frame in read], np.arange(0, 200, 10), atol=2)
