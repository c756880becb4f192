"""The rows of the faults."""

import signal

from benchmarks import faults
from benchmarks.fault_injection import signals


def test_commands_that_were_not_stopped_have_no_rows():
    stopped = signals.Stops("train", signal.SIGINT)
    assert faults.list_rows([stopped]) == []
    stopped.hits["start"] += 1
    assert faults.list_rows([stopped, signals.Stops("export", signal.SIGINT)]) == stopped.rows()
