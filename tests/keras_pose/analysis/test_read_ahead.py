"""Reading in a thread: order, bounds, errors."""

import time

import numpy as np
import pytest

from keras_pose.analysis.read_ahead import ReadAhead, TimedFrame, in_groups


class Video:
    """Frames without end that count how often they were asked for; the frame `fails_at` raises."""

    def __init__(self, fails_at=None):
        self.asked = 0
        self._fails_at = fails_at

    def numbered_with_times(self, start=0):
        number = start
        while number != self._fails_at:
            self.asked += 1
            yield number, number / 25, np.zeros((2, 2, 3), np.uint8)
            number += 1
        raise ValueError("the size changes")


def test_frames_come_in_order_from_start_to_end():
    reader = ReadAhead(Video(), 3, 8)
    assert [item.number for item in reader] == [3, 4, 5, 6, 7]
    reader.close()
    assert reader.count == 5


def test_few_frames_wait():
    video = Video()
    reader = ReadAhead(video, depth=4)
    next(iter(reader))
    time.sleep(0.3)
    assert video.asked <= 1 + 4 + 1
    reader.close()


def test_an_error_comes_behind_the_frames_before_it():
    reader = ReadAhead(Video(fails_at=2))
    frames = iter(reader)
    assert [next(frames).number, next(frames).number] == [0, 1]
    with pytest.raises(ValueError, match="the size changes"):
        next(frames)
    reader.close()


def test_groups_end_where_they_must_and_are_no_larger_than_allowed():
    frames = [TimedFrame(number, None, None) for number in range(5, 16)]
    groups = in_groups(iter(frames), lambda number: (number + 1) % 8 == 0, 3)
    assert [[item.number for item in group] for group in groups] == [[5, 6, 7], [8, 9, 10], [11, 12, 13], [14, 15]]
