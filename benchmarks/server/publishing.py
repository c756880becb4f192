"""Puts versions of a model where a server finds them, and takes them away, each in one step."""

from __future__ import annotations

import pathlib
import shutil
import time


def publish(source, base_path, version):
    """Puts a SavedModel's folder under a number: written beside, then renamed, as an export does."""
    hidden = pathlib.Path(base_path, f".writing-{version}")
    shutil.copytree(source, hidden)
    hidden.rename(pathlib.Path(base_path, str(version)))


def withdraw(base_path, version):
    """Takes a version away: renamed first, so that it is gone at once."""
    hidden = pathlib.Path(base_path, f".gone-{version}-{time.monotonic_ns()}")
    pathlib.Path(base_path, str(version)).rename(hidden)
    shutil.rmtree(hidden)
