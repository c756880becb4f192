"""The rate that live windows are made for follows the frames that come."""

import pytest

from keras_pose.analysis.live_rate import LiveRate
from keras_pose.pooling.config import WindowConfig


class Window:
    """The part of a model that the rate needs."""

    def __init__(self, **flags):
        self._config = WindowConfig(**flags)

    def window_reach(self, frame_rate):
        return self._config.reach_at(frame_rate)


def changes(rate, frame_rate, count=60, start_s=100.0):
    """Numbers of the frames at which windows change."""
    return [i for i in range(count) if rate.add(start_s + i / frame_rate)]


@pytest.mark.parametrize("frame_rate", [25, 30, 33])
def test_the_rate_that_is_assumed_stays_if_it_is_about_right(frame_rate):
    rate = LiveRate(Window())
    assert changes(rate, frame_rate) == []
    assert rate.frame_rate == 30


@pytest.mark.parametrize("frame_rate", [10, 60])
def test_another_rate_changes_windows_once_it_is_known(frame_rate):
    rate = LiveRate(Window())
    assert changes(rate, frame_rate) == [9]
    assert rate.frame_rate == pytest.approx(frame_rate)


def test_windows_in_frames_never_change():
    assert changes(LiveRate(Window(frame_stride=2)), 10) == []


def test_times_that_stand_still_say_nothing():
    rate = LiveRate(Window())
    assert not any(rate.add(5.0) for _ in range(40))
    assert rate.frame_rate == 30


def test_a_rate_that_is_told_counts_until_it_is_measured():
    rate = LiveRate(Window(), 60)
    assert changes(rate, 60) == []
    assert rate.frame_rate == 60
    assert changes(rate, 10, start_s=200.0) != []
