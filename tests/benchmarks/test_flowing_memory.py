"""Memory of a training step: what is measured, what is only computed, and the rows."""

import pytest

from benchmarks import flowing_memory
from benchmarks.memory.estimate import Case, StepBytes

LITTLE = {"preset": "lite", "width": 0.25, "input_size": "32", "window": 1, "batch_size": 2}


def test_what_does_not_fit_or_takes_minutes_is_not_measured():
    case = Case(LITTLE)
    needed = StepBytes(kept=2e9, working=1e9, gradient=1e9, weights=1e9)
    assert flowing_memory.why_not_measured(case, needed, free=9.5e9) == ""
    assert "might not fit into 8.0 GB" in flowing_memory.why_not_measured(case, needed, free=8e9)
    assert "no /proc" in flowing_memory.why_not_measured(case, needed, free=None)
    slow = Case(LITTLE, long=True)
    assert "--long" in flowing_memory.why_not_measured(slow, needed, free=9.5e9)
    assert flowing_memory.why_not_measured(slow, needed, free=9.5e9, long=True) == ""


def test_rows_say_what_is_measured_and_what_computed():
    needed = StepBytes(kept=2e9, working=1e9, gradient=1e9, weights=1e9)
    measured = flowing_memory.case_rows("x", needed, {"before": 1e9, "peak": 3.5e9})
    assert [(row.what, row.value) for row in measured] == [
        ("x: kept for the gradient, computed", 2.0),
        ("x: step, computed", 4.0),
        ("x: step, measured", 2.5),
    ]
    computed = flowing_memory.case_rows("x", needed, None, "not measured: no room")
    assert computed[-1].what == "x: step, computed (not measured: no room)"


def test_free_memory_is_read_if_the_system_tells(tmp_path):
    path = tmp_path / "meminfo"
    assert flowing_memory.free_bytes(path) is None
    path.write_text("MemTotal: 100 kB\nMemAvailable:  40 kB\n")
    assert flowing_memory.free_bytes(path) == 40 * 1024


@pytest.mark.slow
@pytest.mark.skipif(flowing_memory.free_bytes() is None, reason="no /proc")
def test_a_process_of_its_own_measures_a_step():
    measured = flowing_memory.measure_memory(Case(LITTLE))
    assert 0 < measured["before"] <= measured["peak"]
    assert measured["seconds"] > 0


def test_a_process_that_fails_is_named(monkeypatch):
    monkeypatch.setattr(flowing_memory.sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError, match="lite, 32 px, n = 1, batch 2, all together: the process ended with 1"):
        flowing_memory.measure_memory(Case(LITTLE))
