"""Processes are started, watched and always ended."""

import sys
import time

import pytest

from benchmarks.server import processes

_SLEEP = "import time; time.sleep(60)"


def test_a_process_is_ended_even_after_an_error(tmp_path):
    started = []

    def fail():
        with processes.start([sys.executable, "-c", _SLEEP], tmp_path / "log") as process:
            started.append(process)
            assert process.poll() is None
            raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        fail()
    assert started[0].poll() is not None


def test_the_address_is_read_from_the_line_that_says_ready(tmp_path):
    code = f'print("loading\\nserving pose at http://127.0.0.1:5/v1/models/pose", flush=True); {_SLEEP}'
    with processes.start([sys.executable, "-c", code], tmp_path / "log") as process:
        assert processes.wait_for_url(process, tmp_path / "log") == "http://127.0.0.1:5"


def test_a_server_that_ends_at_once_is_an_error_with_its_output(tmp_path):
    command = [sys.executable, "-c", 'raise SystemExit("no model")']
    log = tmp_path / "log"
    with processes.start(command, log) as process, pytest.raises(RuntimeError, match=r"ended with 1:\nno model"):
        processes.wait_for_url(process, log)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_and_processor_time_of_a_process(tmp_path):
    code = f'data = bytes(range(250)) * 240_000; sum(range(10**7)); print("done", flush=True); {_SLEEP}'
    log = tmp_path / "log"
    with processes.start([sys.executable, "-c", code], log) as process:
        while "done" not in log.read_text():
            assert process.poll() is None
            time.sleep(0.01)
        assert processes.resident_mb(process) > 57
        assert processes.cpu_s(process) > 0
