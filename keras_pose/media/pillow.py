"""How Pillow is used to read headers: what it raises for files that it cannot read, and its warnings.

Pillow warns about damaged tags and about pictures of more than 89 million pixels. Neither is news for users: whether a
picture can be used is decided by decoding it, and OpenCV limits its size.
"""

from __future__ import annotations

import contextlib
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator

from PIL import Image

UNREADABLE = (
    OSError,  # also UnidentifiedImageError
    ValueError,
    SyntaxError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,  # also NotImplementedError
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


class _Silence:
    """Filters for the warnings of Pillow that last while at least one thread needs them.

    `warnings.catch_warnings` alone changes the filters of the process: of two threads that overlap, the second one
    would bring back the filters of the first and leave them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._filters = contextlib.ExitStack()

    def begin(self) -> None:
        """Adds a thread; the first one sets the filters."""
        with self._lock:
            if not self._count:
                self._filters.enter_context(warnings.catch_warnings())
                warnings.filterwarnings("ignore", module=r"PIL\.")
            self._count += 1

    def end(self) -> None:
        """Removes a thread; the last one resets the filters."""
        with self._lock:
            self._count -= 1
            if not self._count:
                self._filters.close()


_SILENCE = _Silence()


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """Ignores the warnings of Pillow inside the block, and no others. Threads may overlap."""
    _SILENCE.begin()
    try:
        yield
    finally:
        _SILENCE.end()
