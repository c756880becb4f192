"""Atomic files: written under a temporary name, then renamed, so that no file is ever incomplete."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator

PREFIX = ".writing-"  # of temporary names
STALE_S = 3600


@contextlib.contextmanager
def replace(path: str) -> Iterator[str]:
    """Yields a temporary path. At the end, the file at it replaces `path`; after an error it is removed.

    Args:
      path: the file to write. Its folder is created if it does not exist.
    """
    folder, name = os.path.split(path)
    os.makedirs(folder or ".", exist_ok=True)
    temporary = os.path.join(folder, f"{PREFIX}{os.getpid()}-{name}")  # keeps the extension, which names the format
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)
        raise


@contextlib.contextmanager
def without_pattern(folder: str) -> Iterator[str]:
    """Yields the folder, or a link to it if its path contains characters such as [ ].

    TensorFlow reads the path of a SavedModel as a pattern and does not find such a folder.
    """
    if not set("[]*?\\") & set(folder):
        yield folder
        return
    with tempfile.TemporaryDirectory() as links:
        link = os.path.join(links, "saved_model")
        os.symlink(os.path.abspath(folder), link, target_is_directory=True)
        yield link


def clear_stale(folder: str) -> None:
    """Removes temporary files that killed runs left in a folder, if they are older than STALE_S."""
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        path = os.path.join(folder, name)
        with contextlib.suppress(FileNotFoundError):  # another run may remove it at the same time
            if name.startswith(PREFIX) and time.time() - os.path.getmtime(path) > STALE_S:
                if os.path.isdir(path):
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    os.remove(path)
