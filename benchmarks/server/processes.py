"""Starts the local server as a process of its own, and always ends it."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_S = 180
STOP_S = 20
_READY = re.compile(r"serving \S+ at (http://[^/\s]+)/v1/models/\S+\s")

Server = tuple[str, subprocess.Popen]  # address, process


@contextlib.contextmanager
def run_local_server(flags: Sequence[str]) -> Iterator[Server]:
    """Runs `serving.local_server` on a free port and waits for the line that says it is ready.

    Args:
      flags: flags besides the port.

    Yields:
      The address, such as "http://127.0.0.1:40001", and the process.

    Raises:
      RuntimeError: if it ended or was not ready in time; the message ends with its output.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "log.txt")
        with start([sys.executable, "-m", "serving.local_server", "--rest_api_port=0", *flags], log) as process:
            yield wait_for_url(process, log), process


def serve(version: pathlib.Path) -> contextlib.AbstractContextManager[Server]:
    """Runs the local server with all versions in the folder of `version`, under the name pose.

    Returns:
      As `run_local_server`.
    """
    return run_local_server(
        [f"--model_base_path={version.parent.resolve()}", "--model_name=pose", "--file_system_poll_wait_seconds=0.2"]
    )


@contextlib.contextmanager
def start(command: Sequence[str], log: str | os.PathLike[str]) -> Iterator[subprocess.Popen]:
    """Runs a command in the project's root, without a GPU, and ends it on exit.

    Args:
      command: the command.
      log: file to which its output goes.

    Yields:
      The process.
    """
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1", "CUDA_VISIBLE_DEVICES": "-1"}
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **quiet}
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=STOP_S)


def wait_for_url(process: subprocess.Popen, log: str | os.PathLike[str]) -> str:
    """Returns the address that the local server prints when it is ready.

    Raises:
      RuntimeError: if it ended earlier, or took longer than START_S.
    """
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        output = pathlib.Path(log).read_text(encoding="utf-8", errors="replace")
        found = _READY.search(output)
        if found:
            return found[1]
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}:\n{output[-3000:]}")
        time.sleep(0.02)
    raise RuntimeError(f"the server was not ready within {START_S} s:\n{output[-3000:]}")


def resident_mb(process: subprocess.Popen) -> float:
    """Returns the memory of a process in MB (Linux)."""
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
        (line,) = [line for line in file if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


def cpu_s(process: subprocess.Popen) -> float:
    """Returns the processor time that all threads of a process have taken so far, in s (Linux)."""
    with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()  # the name before the bracket may contain spaces
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
