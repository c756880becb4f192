"""Code that runs in a Python process of its own, which inherits nothing of this one but its environment."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

from tests import conftest


def start(code: str, **environment: str) -> subprocess.Popen:
    """Starts a process in the folder of the project; its output and its errors are pipes of text."""
    inherited = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=conftest.ROOT,
        env={**inherited, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(code: str, **environment: str) -> tuple[int, str, str]:
    """Runs code to its end; returns exit code, output and errors."""
    process = start(code, **environment)
    output, errors = process.communicate()
    return process.returncode, output, errors
