"""Atomic files: written under a temporary name, then renamed, so that no file is ever incomplete."""

from __future__ import annotations

import contextlib
import os
import shutil
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
