"""Files that are either whole or not there: written under a temporary name, then renamed."""

from __future__ import annotations

import contextlib
import os
import shutil
import time

PREFIX = ".writing-"  # of temporary names
STALE_S = 3600


@contextlib.contextmanager
def replace(path):
    """Yields a temporary path beside `path` that takes its place at the end; on an error it is removed.

    Args:
      path: str, the file to write. Its folder is created where it is missing.
    """
    folder, name = os.path.split(path)
    os.makedirs(folder or ".", exist_ok=True)
    temporary = os.path.join(folder, f"{PREFIX}{os.getpid()}-{name}")  # the ending stays: it says the format
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)
        raise


def clear_stale(folder):
    """Removes what killed runs have left in a folder: what has a temporary name and is older than STALE_S."""
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        path = os.path.join(folder, name)
        with contextlib.suppress(FileNotFoundError):  # another run clears it too
            if name.startswith(PREFIX) and time.time() - os.path.getmtime(path) > STALE_S:
                shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else os.remove(path)
