"""Concurrent clients against direct calls."""

import pytest

from benchmarks.server import throughput
from tests.helpers.benchmark_rows import find_row

pytestmark = pytest.mark.timeout(240)


@pytest.mark.slow
def test_throughput_is_relative_to_direct_calls(version, one_server, one_model):
    rows = throughput.measure_throughput(version, quick=True)
    served = find_row(rows, "REST, 8 concurrent clients").value
    direct = find_row(rows, "direct calls of 8 images").value
    assert find_row(rows, "served / direct throughput").value == pytest.approx(served / direct, rel=0.5)
    assert find_row(rows, "wrong answers of 1280").holds
    assert find_row(rows, "memory after 320 requests").value > 100  # TensorFlow alone takes more
    assert find_row(rows, "growth over the next 960").unit == "MB"
