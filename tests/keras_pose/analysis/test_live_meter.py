"""Latency and rate."""

import math

import pytest

from keras_pose.analysis.live_meter import LiveMeter


def test_figures_are_of_all_frames_but_the_first():
    meter = LiveMeter()
    meter.add(0.0, 3.0)  # the first frame traces graphs
    for i in range(1, 21):
        meter.add(3.0 + 0.1 * i - 0.02 - 0.001 * i, 3.0 + 0.1 * i)
    median, high = meter.latency_ms()
    assert median == pytest.approx(30.5, abs=0.01)
    assert high == pytest.approx(39.05, abs=0.01)
    assert meter.rate() == pytest.approx(10)
    assert meter.text() == "10 frames/s, latency 30 ms (95 %: 39 ms)"


def test_nothing_is_known_at_first():
    meter = LiveMeter()
    assert math.isnan(meter.rate())
    assert meter.text() == ""
    meter.add(0.0, 1.0)
    assert math.isnan(meter.latency_ms()[0])
    assert math.isnan(meter.rate())


def test_the_line_is_of_recent_frames():
    meter = LiveMeter()
    for i in range(100):
        meter.add(i * 1.0, i * 1.0 + 0.5)
    for i in range(61):
        meter.add(100 + i * 0.05, 100 + i * 0.05 + 0.01)
    assert meter.text() == "20 frames/s, latency 10 ms (95 %: 10 ms)"
