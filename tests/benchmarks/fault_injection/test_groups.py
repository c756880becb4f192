"""Commands in groups of their own."""

import signal
import sys

import pytest

from benchmarks.fault_injection import groups

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups")


def test_a_command_answers_sigint_though_the_benchmark_ignores_it(tmp_path):
    """A shell lets what it starts in the background ignore SIGINT."""
    code = "import time; print('began', flush=True); time.sleep(60)"
    answer = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        group = groups.Group([sys.executable, "-c", code], tmp_path)
    finally:
        signal.signal(signal.SIGINT, answer)
    try:
        while "began" not in group.output():
            assert group.is_running()
        group.send(signal.SIGINT)
        assert group.wait(30) in (-signal.SIGINT, 128 + signal.SIGINT)
    finally:
        group.end()
    assert "KeyboardInterrupt" in group.output()
