"""Keeps OpenCV from writing lines of its own to the terminal while it tries to decode a picture.

OpenCV writes errors on damaged pictures to the error stream, although it also returns that it failed. The level of its
messages belongs to the whole process, so it is restored as soon as no thread decodes any more.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import cv2

_SILENT = 0
_log: Any = cv2 if hasattr(cv2, "setLogLevel") else cv2.utils.logging  # OpenCV 4, OpenCV 5

_lock = threading.Lock()
_usual: list[int] = []  # the usual level, once for each block that is running


@contextlib.contextmanager
def quiet_opencv() -> Iterator[None]:
    """Hides the messages of OpenCV in the block, in all threads."""
    with _lock:
        _usual.append(_usual[0] if _usual else _log.getLogLevel())
        _log.setLogLevel(_SILENT)
    try:
        yield
    finally:
        with _lock:
            level = _usual.pop()
            if not _usual:
                _log.setLogLevel(level)
