"""A command in a process group of its own, as a terminal starts it: signals reach it and all of its children."""

from __future__ import annotations

import os
import pathlib
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from benchmarks.server import processes

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT_S = 3000
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONPATH": str(ROOT)}


def _begin_group() -> None:
    """Begins a group, but in the session of this process, with its priority, and with the usual answer to SIGINT.

    A shell lets what it starts in the background ignore SIGINT, and children would inherit that.
    """
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Group:
    """A command that runs in a folder.

    Args:
      command: the command.
      folder: the folder that it runs in, so that its paths can be relative.
      environment: variables that it has besides those of this process.

    Attributes:
      log: the file of its output.
      cpu_s: seconds of processor time that it has taken with its children; 0 until `wait` has seen its end.
    """

    def __init__(
        self, command: Sequence[str], folder: pathlib.Path, environment: Mapping[str, str] | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "log.txt"
        self.cpu_s = 0.0
        with open(self.log, "wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=_begin_group,
                env={**os.environ, **_QUIET, **(environment or {})},
            )

    @property
    def pid(self) -> int:
        """The number of the process, and of its group."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def wait(self, seconds: float = LIMIT_S) -> int | None:
        """Waits for the end of the process; returns its exit code, or None if it still runs."""
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu_s += ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime
        return code

    def wait_until(self, cpu_s: float) -> int | None:
        """Waits until the process has used so many seconds of processor time, or ends.

        On a busy machine this is a moment of the same work as on an idle one (Linux).

        Returns:
          Its exit code, or None if it still runs.
        """
        deadline = time.monotonic() + LIMIT_S
        while self.is_running() and processes.cpu_s(self._process) < cpu_s and time.monotonic() < deadline:
            time.sleep(0.01)
        return self._process.poll()

    def send(self, number: int) -> None:
        """Sends a signal to the whole group."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return

    def end(self) -> None:
        """Kills what is left of the group."""
        self.send(signal.SIGKILL)
        self._process.wait(LIMIT_S)

    def output(self) -> str:
        """Returns what the command has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def children_left(self, seconds: float = 5.0) -> list[int]:
        """Returns the processes of the group that still run so many seconds after the command has ended (Linux)."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and _members(self.pid):
            time.sleep(0.05)
        return _members(self.pid)


def run(command: Sequence[str], folder: pathlib.Path, environment: Mapping[str, str] | None = None) -> float:
    """Runs a command to its end; returns the seconds of processor time that it took.

    Raises:
      RuntimeError: if it fails or takes longer than LIMIT_S; the message ends with its output.
    """
    group = Group(command, folder, environment)
    code = group.wait()
    if code is None:
        group.end()
    if code != 0:
        raise RuntimeError(f"{' '.join(command)}: ended with {code}:\n{group.output()[-3000:]}")
    return group.cpu_s


def _members(number):
    """The processes of a group that are no zombies."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            text = pathlib.Path("/proc", name, "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:  # it has ended
            continue
        state, _, group = text.rpartition(")")[2].split()[:3]
        if int(group) == number and state != "Z":
            found.append(int(name))
    return found
