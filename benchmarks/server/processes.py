"""Starts the local server as a process of its own and ends it, come what may."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_S, STOP_S = 180, 20
_READY = re.compile(r"serving \S+ at (http://[^/\s]+)/v1/models/\S+\s")


@contextlib.contextmanager
def run_local_server(flags):
    """Runs `serving.local_server` on a free port.

    Args:
      flags: list of str, beside the port.

    Yields:
      (url, process): str such as "http://127.0.0.1:40001", and the `subprocess.Popen`. Its answers are not waited
      for: the line that says it is ready is.

    Raises:
      RuntimeError: where it ended or was not ready in time; the message ends with what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "log.txt")
        with start([sys.executable, "-m", "serving.local_server", "--rest_api_port=0", *flags], log) as process:
            yield wait_for_url(process, log), process


def serve(version):
    """Runs the local server with the versions beside `version` (pathlib.Path), under the name pose.

    Returns:
      What `run_local_server` does.
    """
    return run_local_server(
        [f"--model_base_path={version.parent.resolve()}", "--model_name=pose", "--file_system_poll_wait_seconds=0.2"]
    )


@contextlib.contextmanager
def start(command, log):
    """Runs a command in the project's root, without a GPU; its output goes to the file `log`. It is ended at the end.

    Yields:
      The `subprocess.Popen`.
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


def wait_for_url(process, log):
    """Returns the url that the local server prints when it is ready.

    Raises:
      RuntimeError: where it ended before, or took longer than START_S.
    """
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        said = pathlib.Path(log).read_text(encoding="utf-8", errors="replace")
        found = _READY.search(said)
        if found:
            return found[1]
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}:\n{said[-3000:]}")
        time.sleep(0.02)
    raise RuntimeError(f"the server was not ready within {START_S} s:\n{said[-3000:]}")


def resident_mb(process):
    """Returns the memory a process holds, in MB (Linux)."""
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
        (line,) = [line for line in file if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


def cpu_s(process):
    """Returns the processor time a process has taken so far, all its threads together, in s (Linux)."""
    with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()  # what stands before may hold spaces
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
