"""Lines that tell of a clock that went backwards."""

import pytest

from benchmarks.fault_injection import clocks


@pytest.mark.parametrize(
    ("line", "is_negative"),
    [
        ("step 20/100  -3.1 steps/s  0:12 left", True),
        ("training: step 3/8  2.0 steps/s  -1:07 left", True),
        ("480 frames in 60 shards, 60.0 frames/s; train with --data=out", False),
        ("mean error -2 px", False),
    ],
)
def test_negative_times_and_rates_are_found(line, is_negative):
    assert clocks.shows_negative_time(line) == is_negative
