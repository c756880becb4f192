"""Rows of the benchmark of streaming."""

import numpy as np
import pytest

from benchmarks import streaming
from benchmarks.common import harness
from keras_pose.data import video


def timings(none, five, fifteen):
    return harness.Timings({streaming.NONE: np.array(none), "n=5": np.array(five), "n=15": np.array(fifteen)})


def test_what_a_window_adds_is_compared_without_the_net():
    turns = np.arange(15) % 3 / 10e3
    five, fifteen, ratio = streaming.extra_rows("lite", timings(10e-3 + turns, 14e-3 + turns, 15e-3 + turns))
    assert (five.value, fifteen.value, five.unit) == (pytest.approx(4), pytest.approx(5), "ms a frame")
    assert (ratio.value, ratio.holds) == (pytest.approx(1.25), True)
    assert (ratio.low, ratio.high) == (pytest.approx(1.25), pytest.approx(1.25))
    assert not streaming.extra_rows("lite", timings([10.0] * 9, [14.0] * 9, [16.0] * 9))[-1].holds


@pytest.mark.parametrize("five", [[440.0, 490.0] * 5, [450.0, 480.0] * 5])
def test_what_is_lost_in_noise_is_no_part_of_a_ratio(five):
    rows = streaming.extra_rows("paper", timings([450.0, 480.0] * 5, five, [452.0, 480.0] * 5))
    assert [row.what for row in rows] == ["paper, what n=5 adds", "paper, what n=15 adds"]
    assert np.isfinite([row.value for row in rows]).all()


def test_ratios_are_pair_by_pair_and_have_the_target():
    rows = streaming.window_rows("lite", timings([1.0, 2.0, 4.0], [1.5, 3.0, 6.0], [2.0, 4.0, 8.0]), "<= 1.5")
    ratios = {row.what: (row.value, row.holds) for row in rows if "/ no window" in row.what}
    assert ratios == {"lite, n=5 / no window": (1.5, True), "lite, n=15 / no window": (2.0, None)}


def test_speed_is_that_of_the_whole_video_with_the_spread_of_its_tenths():
    sizes = streaming.Sizes(video_frames=100, settled_frame=40)
    ends = np.arange(1, 101) / 50
    ends[50:] += 1.0  # a second's pause in the middle
    (row,) = streaming.speed_rows(ends, sizes)
    assert row.value == pytest.approx(100 / 3)
    assert row.high == pytest.approx(50, rel=0.01)
    assert row.low < 20


def test_growth_of_memory_is_from_the_settled_frame_to_the_last():
    (row,) = streaming.memory_rows({200: 500.0, 1000: 512.5})
    assert (row.value, row.unit, row.holds) == (12.5, "MB", True)
    assert not streaming.memory_rows({200: 500.0, 1000: 530.0})[0].holds
    assert streaming.memory_rows({200: None, 1000: None}) == []


def test_a_video_is_read_in_rising_order(tmp_path):
    frames = np.repeat(np.arange(0, 200, 10, dtype=np.uint8)[:, None, None, None], 64, 1).repeat(64, 2).repeat(3, 3)
    video.write_video(tmp_path / "a.avi", frames, fps=25)
    read = list(streaming.read_video(tmp_path / "a.avi", 20, chunk=6))
    np.testing.assert_allclose([frame.mean() for frame in read], np.arange(0, 200, 10), atol=2)
