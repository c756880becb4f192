"""Python commands as processes of their own that need not load TensorFlow: copies of one process that has.

Loading TensorFlow takes longer than most commands of the tests. Each test process starts one `warm_server.py`, which
forks for each command. Commands are otherwise what they are: with their own arguments, environment, folder, output,
signals and exit status. Without Linux, they are started as usual.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any, Union

from tests import conftest

_LOCK = threading.Lock()
_control: list[socket.socket] = []  # the socket to the server of this process, once it has one
# What the interpreter reads when it starts, so that a copy cannot have another value; the server sees to the other two.
_SEEN_TO = {"PYTHONUNBUFFERED", "PYTHONFAULTHANDLER"}


class WarmProcess:
    """A running command, with the methods of `subprocess.Popen` that the tests use."""

    def __init__(self, command: Sequence[str], answer: socket.socket, stdout: IO[str] | None):
        self.args = command
        self.returncode: int | None = None
        self.stdout = stdout
        self._answer = answer
        self.pid = self._receive()

    def _receive(self) -> int:
        received = self._answer.recv(8, socket.MSG_WAITALL)
        if len(received) != 8:
            raise ChildProcessError(f"expected an answer about {self.args}, received {received!r}")
        return struct.unpack("!q", received)[0]

    def poll(self) -> int | None:
        """Returns the exit status, negative after a signal; None while the command runs."""
        if self.returncode is None and select.select([self._answer], [], [], 0)[0]:
            self.returncode = self._receive()
            self._answer.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the end, for at most `timeout` s; returns the exit status."""
        if self.returncode is None and not select.select([self._answer], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self.poll()

    def communicate(self, timeout: float | None = None) -> tuple[str | None, None]:
        """Reads the output to its end, for at most `timeout` s; returns it and None."""
        deadline = None if timeout is None else time.monotonic() + timeout
        texts: list[str | None] = [None]
        if self.stdout is not None:
            texts = []
            reader = threading.Thread(target=lambda: texts.append(self.stdout.read()), daemon=True)
            reader.start()
            reader.join(timeout)
            if not texts:
                raise subprocess.TimeoutExpired(self.args, timeout)
        self.wait(None if deadline is None else max(deadline - time.monotonic(), 0.0))
        return texts[0], None

    def send_signal(self, number: int) -> None:
        """Sends a signal, unless the command has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Sends SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Sends SIGKILL."""
        self.send_signal(signal.SIGKILL)


Process = Union[subprocess.Popen, WarmProcess]


def start(
    command: Sequence[str], environment: Mapping[str, str], stdout: Any = subprocess.PIPE, folder: Any = conftest.ROOT
) -> Process:
    """Starts a Python command; errors go where the output goes.

    Args:
      command: sys.executable, then a script, or `-m` and a module, or `-c` and code, and arguments.
      environment: the whole environment of the command.
      stdout: an open file, subprocess.PIPE or None (where the output of the tests goes).
      folder: its current folder.

    Returns:
      The process.
    """
    if not _can_be_a_copy(command, environment):
        errors = None if stdout is None else subprocess.STDOUT
        return subprocess.Popen(command, cwd=folder, stdout=stdout, stderr=errors, text=True, env=dict(environment))
    request = {"arguments": [*map(str, command[1:])], "environment": dict(environment), "folder": str(folder)}
    text = json.dumps(request).encode()
    ours, theirs = socket.socketpair()
    opened = None
    if stdout == subprocess.PIPE:
        reading, output = os.pipe()
        opened = open(reading, encoding="utf-8")  # noqa: SIM115 - the caller reads it
    else:
        output = os.dup(1 if stdout is None else stdout.fileno())
    try:
        with _LOCK:
            control = _find_server()
            socket.send_fds(control, [struct.pack("!q", len(text))], [output, output, theirs.fileno()])
            control.sendall(text)
    finally:
        os.close(output)
        theirs.close()
    return WarmProcess(command, ours, opened)


def _can_be_a_copy(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    changed = {name for name in {*environment, *os.environ} if environment.get(name) != os.environ.get(name)}
    read_at_start = {name for name in changed if name.startswith("PYTHON")} - _SEEN_TO
    quiet = environment.get("TF_CPP_MIN_LOG_LEVEL") == "3"
    return sys.platform == "linux" and command[0] == sys.executable and quiet and not read_at_start


def _find_server() -> socket.socket:
    """Returns the socket to the server of this process; starts it first if there is none."""
    if not _control:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "tests.helpers.warm_server", str(theirs.fileno())]
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        server = subprocess.Popen(command, cwd=conftest.ROOT, pass_fds=[theirs.fileno()], env=environment)
        theirs.close()
        atexit.register(_stop, server, ours)
        _control.append(ours)
    return _control[0]


def _stop(server: subprocess.Popen, control: socket.socket) -> None:
    control.close()
    server.wait(timeout=60)
