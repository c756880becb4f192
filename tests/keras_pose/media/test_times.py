"""Times of frames: from packets in either order, filled in, and on the timeline of a video."""

from fractions import Fraction

import pytest

from keras_pose.media.packets import PacketFacts
from keras_pose.media.times import FrameTimes, Timeline, fill_times, to_seconds


def enter_all(times, values, **facts):
    for number, value in enumerate(values):
        times.enter(PacketFacts(number, value, False, False, silent=number in facts.get("silent", ())))


def test_packets_that_say_when_they_are_shown_give_their_own_time():
    times = FrameTimes(ordered=True)
    enter_all(times, [0, 30, 10, 20])
    assert [times.leave(number) for number in (0, 2, 3, 1)] == [0, 10, 20, 30]
    assert times.leave(2) is None  # a second frame of the same packet
    assert times.leave(None) is None


def test_times_of_decoding_belong_to_frames_in_turn():
    times = FrameTimes(ordered=False, delay=2)
    enter_all(times, [0, 1, 2, 5, 6])
    assert [times.leave(number) for number in (0, 3, 2, 1)] == [2, 5, 6, None]


@pytest.mark.parametrize(("counts", "expected"), [(False, [0, 3]), (True, [0, 1])])
def test_silent_packets_count_where_they_stand_for_a_frame(counts, expected):
    times = FrameTimes(ordered=False, counts_silent=counts)
    enter_all(times, [0, 1, 3], silent=[1])
    assert [times.leave(0), times.leave(2)] == expected


@pytest.mark.parametrize(
    ("times", "positions", "count", "expected"),
    [
        ([0, 10, 40], [0, 1, 2], 3, (0, 10, 40)),
        ([0, 10, 40], [0, 1, 4], 5, (0, 10, 20, 30, 40)),
        ([10, 20, 30], [1, 2, 3], 6, (0, 10, 20, 30, 40, 50)),
        ([0, None, 20], [0, 1, 2], 3, (0, 10, 20)),
        ([0, 10, 5], [0, 1, 2], 3, ()),
        ([7], [0], 1, ()),
        ([None, None], [0, 1], 2, ()),
    ],
)
def test_times_between_known_ones_are_at_equal_steps(times, positions, count, expected):
    assert fill_times(times, positions, count) == expected


def test_a_timeline_begins_with_its_first_frame():
    line = Timeline()
    for ticks in (90, 93, 102):
        line.add(ticks, Fraction(1, 30), 30.0)
    assert [line.time_s(i) for i in range(3)] == [0.0, 0.1, 0.4]
    assert line.end == 3


def test_frames_without_a_time_follow_at_the_frame_rate():
    line = Timeline()
    for ticks in (None, None, 50, None, 10, 62):  # 10 is before the frame in front of it
        line.add(ticks, Fraction(1, 10), 10.0)
    assert [line.time_s(i) for i in range(6)] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 1.4])


def test_a_frame_rate_alone_gives_the_exact_multiples():
    line = Timeline()
    for _ in range(1000):
        line.add(None, None, 29.97)
    assert [line.time_s(i) for i in range(1000)] == [i / 29.97 for i in range(1000)]


def test_without_times_and_rate_only_the_first_time_is_known():
    line = Timeline()
    for _ in range(3):
        line.add(None, None, 0.0)
    assert [line.time_s(i) for i in range(3)] == [0.0, None, None]


def test_a_timeline_may_start_in_the_middle():
    line = Timeline(first=40, origin=100)
    line.add(180, Fraction(1, 2), 1.0)
    line.add(None, Fraction(1, 2), 1.0)
    assert (line.end, line.time_s(40), line.time_s(41)) == (42, 40.0, 41.0)


def test_seconds_are_the_nearest_float():
    assert to_seconds(3003, Fraction(1, 90000)) == 3003 / 90000
    assert to_seconds(7, None) == 7
