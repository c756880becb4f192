"""Runs `python -m keras_pose` in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from tests import conftest


def run_module(*arguments, **environment):
    """Returns (exit status, output, errors) of `python -m keras_pose`."""
    done = subprocess.run(
        [sys.executable, "-m", "keras_pose", *arguments],
        cwd=conftest.ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr
