"""Concurrent clients beside a process that uses a core."""

import subprocess
import sys
from unittest import mock

import pytest

from benchmarks.server import busy_core
from tests.helpers.benchmark_rows import find_row

pytestmark = pytest.mark.timeout(240)


@pytest.mark.slow
def test_the_spread_of_the_times_is_relative_to_their_median(version, one_server, one_model):
    rows = busy_core.measure_busy_core(version, quick=True)
    median_ms = find_row(rows, "one core busy: median time of an answer").value
    late_ms = find_row(rows, "one core busy: time of 95 % of the answers").value
    assert 0 < median_ms <= late_ms
    assert find_row(rows, "one core busy: 95th percentile / median").value == pytest.approx(late_ms / median_ms, rel=1)
    assert find_row(rows, "one core busy: served / direct throughput").value > 0


def test_the_other_process_ends_with_the_block():
    started = []
    popen = subprocess.Popen

    def start(command):
        started.append(popen(command))
        return started[-1]

    with mock.patch.object(subprocess, "Popen", start), busy_core.use_a_core():
        assert started[0].poll() is None
    assert started[0].poll() is not None
    assert started[0].args[0] == sys.executable
