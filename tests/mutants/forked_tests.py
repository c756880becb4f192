"""Runs test files in a copy of this process, which must have loaded TensorFlow but not used it."""

from __future__ import annotations

import importlib
import os
import pathlib
import resource
import signal
import sys
import time

LIBRARIES = ("tensorflow", "keras", "cv2", "pandas", "scipy.ndimage", "hypothesis", "pytest")
LIMIT_S = 900.0  # waiting included


def load_libraries() -> None:
    """Loads what all tests need; call it before the first run."""
    for name in LIBRARIES:
        importlib.import_module(name)


def run(folder: pathlib.Path, tests: pathlib.Path, log: pathlib.Path, cpu_s: int) -> tuple[bool, float]:
    """Runs a test file up to the first failure.

    Args:
      folder: the project, which may have changed since the last run.
      tests: the file, relative to it.
      log: file for the output.
      cpu_s: processor time after which the tests count as failed, in s.

    Returns:
      Whether all tests passed, and the processor time in s.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = os.fork()
    if not child:
        _run_here(folder, tests, log, cpu_s)
    deadline = time.monotonic() + LIMIT_S
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.02)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    passed = log.read_text(encoding="utf-8", errors="replace").endswith("\nall passed\n")
    return passed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _run_here(folder: pathlib.Path, tests: pathlib.Path, log: pathlib.Path, cpu_s: int) -> None:
    """Becomes the tests; never returns."""
    os.setsid()
    output = os.open(log, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))
    os.chdir(folder)
    sys.path[:] = [str(folder), *(path for path in sys.path if path not in ("", os.getcwd()))]
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "keras_pose")]:
        del sys.modules[name]
    sys.dont_write_bytecode = True
    import pytest

    status = pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--tb=line", str(tests)])
    sys.stdout.flush()
    if status == 0:
        os.write(1, b"\nall passed\n")
    os._exit(0)
