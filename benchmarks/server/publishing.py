"""Publishes versions of a model for a server, and withdraws them, each in one step."""

from __future__ import annotations

import os
import pathlib
import shutil
import time


def publish(source: str | os.PathLike[str], base_path: str | os.PathLike[str], version: int) -> None:
    """Publishes a SavedModel as a version: copies it to a hidden folder and renames that, as an export does."""
    hidden = pathlib.Path(base_path, f".writing-{version}")
    shutil.copytree(source, hidden)
    hidden.rename(pathlib.Path(base_path, str(version)))


def withdraw(base_path: str | os.PathLike[str], version: int) -> None:
    """Withdraws a version: renames its folder first, so that the version is gone at once, then deletes it."""
    hidden = pathlib.Path(base_path, f".gone-{version}-{time.monotonic_ns()}")
    pathlib.Path(base_path, str(version)).rename(hidden)
    shutil.rmtree(hidden)
