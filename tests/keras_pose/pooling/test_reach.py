"""Windows in seconds become the same time in frames at any rate, and never more."""

import copy
import pickle

import pytest

from keras_pose.pooling import reach
from keras_pose.pooling.reach import Reach, TimedOffsets


@pytest.mark.parametrize(
    ("num_neighbours", "seconds", "frame_rate", "expected"),
    [
        (5, 0.2, 30.0, Reach(1, 5)),
        (5, 0.2, 25.0, Reach(1, 5)),
        (5, 0.2, 24.0, Reach(1, 5)),  # the outermost is 8 ms too far away, less than half a frame
        (5, 0.2, 15.0, Reach(1, 3)),
        (5, 0.2, 50.0, Reach(2, 5)),
        (5, 0.2, 60000 / 1001, Reach(2, 5)),
        (5, 0.2, 240.0, Reach(10, 4)),
        (5, 0.2, 1.0, Reach(1, 0)),
        (2, 0.2, 25.0, Reach(2, 2)),
        (5, 1 / 3, 30.0, Reach(2, 5)),
        (5, 1 / 3, 25.0, Reach(2, 4)),
    ],
)
def test_stride_and_neighbours_that_count(num_neighbours, seconds, frame_rate, expected):
    assert reach.find_reach(num_neighbours, seconds, frame_rate) == expected


@pytest.mark.parametrize("num_neighbours", [1, 2, 5, 10])
@pytest.mark.parametrize("seconds", [0.1, 0.2, 0.35, 1.0])
def test_no_window_reaches_further_than_it_was_told_or_misses_a_neighbour_within(num_neighbours, seconds):
    for rate in [*range(1, 130), 23.976, 29.97, 59.94, 1000]:
        stride, num_within = found = reach.find_reach(num_neighbours, seconds, rate)
        assert found.frames / rate <= seconds + 0.5 / rate + 1e-6
        assert num_within == num_neighbours or (found.frames + stride) / rate > seconds + 0.5 / rate


def test_the_same_time_at_30_and_15_frames_per_second():
    """What is 2, 4, … frames away at 30 frames/s is 1, 2, … frames away at 15."""
    offsets = TimedOffsets(3, 0.4, 30.0)
    assert offsets == (-12, -8, -4, 0, 4, 8, 12)
    assert offsets.at_rate(15.0) == ((-6, -4, -2, 0, 2, 4, 6), 6)
    assert offsets.at_rate(0.0) == offsets.at_rate(30.0) == (tuple(offsets), 12)


def test_copies_of_offsets_still_follow_the_rate():
    offsets = TimedOffsets(3, 0.4, 30.0)
    for other in (copy.copy(offsets), copy.deepcopy(offsets), pickle.loads(pickle.dumps(offsets))):
        assert other.at_rate(60.0) == offsets.at_rate(60.0)
    assert reach.keep_offsets(offsets) is offsets
    assert reach.keep_offsets([-1, 0, 1]) == (-1, 0, 1)


def test_reach_of_offsets():
    assert reach.reach_of((-4, -2, 0, 2, 4), 15.0) == 4
    assert reach.reach_of(TimedOffsets(5, 0.2, 30.0), 15.0) == 3
