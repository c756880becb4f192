"""Loads the large libraries once, then becomes a command whenever it is asked to: see `warm_process.py`.

A request is its length in 8 bytes, which bring three file descriptors (output, errors, and a socket for the answer),
then JSON. The answer is the number of the process in 8 bytes, and its exit status in 8 bytes when it has ended.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import json
import os
import random
import runpy
import signal
import socket
import struct
import sys
from typing import Any

# Libraries that take long to load and start no thread of their own that a command would miss.
LIBRARIES = ("tensorflow", "keras", "cv2", "h5py", "pandas", "scipy.ndimage", "scipy.interpolate", "matplotlib.figure")


def main() -> None:
    """Serves requests until the socket of the test process is closed; only a copy of this process returns."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):  # the command will say so
            importlib.import_module(name)
    gc.freeze()  # a collection in a copy would write to, and so copy, all of this memory
    request = None
    while request is None:
        request = _take_request(control)
        with contextlib.suppress(ChildProcessError):
            while request is None and os.waitpid(-1, os.WNOHANG)[0]:
                pass
    control.close()
    run(request)


def _take_request(control: socket.socket) -> dict[str, Any] | None:
    """Waits for a request and makes a process for it; returns the request in that process and None in this one."""
    head, descriptors, _, _ = socket.recv_fds(control, 8, 3)
    if not head:
        sys.exit(0)
    (length,) = struct.unpack("!q", head)
    text = b""
    while len(text) < length:
        text += control.recv(length - len(text))
    is_watcher = os.fork() == 0
    if is_watcher and _become_command(descriptors):
        return json.loads(text)
    for descriptor in descriptors:
        os.close(descriptor)
    return None


def _become_command(descriptors: list[int]) -> bool:
    """Makes the process of the command; returns True in it. Its parent tells its number and status, and ends."""
    output, errors, answer = descriptors
    number = os.fork()
    if number:
        os.close(output)
        os.close(errors)
        os.write(answer, struct.pack("!q", number))
        status = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
        with contextlib.suppress(OSError):  # the test has ended
            os.write(answer, struct.pack("!q", status))
        os._exit(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    for descriptor in descriptors:
        os.close(descriptor)
    return True


def run(request: dict[str, Any]) -> None:
    """Runs what the interpreter would run: a script, `-m` and a module, or `-c` and code."""
    import numpy as np

    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.stdout.reconfigure(line_buffering=False, write_through="PYTHONUNBUFFERED" in os.environ)
    if "PYTHONFAULTHANDLER" in os.environ:
        faulthandler.enable()
    random.seed()
    np.random.seed()  # noqa: NPY002 - copies would draw the same numbers
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]  # the command may have others
    first, *rest = request["arguments"]
    if first == "-m":
        sys.argv = rest
        sys.path[0] = request["folder"]
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        sys.argv = ["-c", *rest[1:]]
        sys.path[0] = ""
        exec(compile(rest[0], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = [first, *rest]
        sys.path[0] = os.path.dirname(first)
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    main()
