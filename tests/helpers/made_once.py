"""Folders that are slow to make and that no test changes: made once for all test processes of a run."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
from collections.abc import Callable, Iterator
from typing import Any


def make_once(tmp_path_factory: Any, name: str, make: Callable[[pathlib.Path], object]) -> pathlib.Path:
    """Returns a folder that all test processes share; tests must not change it, but copy it.

    Args:
      tmp_path_factory: pytest's.
      name: of the folder; the same name is the same content.
      make: function that writes it, called by the first process that asks.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "made_once" / name
    folder.parent.mkdir(exist_ok=True)
    with _hold(folder.with_name(f"{name}.lock")):
        if not folder.is_dir():
            unfinished = folder.with_name(f"{name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(folder)
    return folder


@contextlib.contextmanager
def _hold(path: pathlib.Path) -> Iterator[None]:
    """Holds a lock that processes wait for."""
    with open(path, "w", encoding="utf-8") as file:
        with contextlib.suppress(ImportError):  # without it, processes may make the same folder in turn
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
