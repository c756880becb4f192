"""Which videos keep their decoder: of many that are open, those that were read last.

A decoder holds a file, a few threads and the last frames, some MB. A training on thousands of videos reads from all of
them in turn, so without a limit it would hold thousands of threads and many GB. A video that loses its decoder decodes
from the start when it is read again.
"""

from __future__ import annotations

import collections
import threading
import weakref
from typing import Protocol

MOST_READERS = 32


class Reader(Protocol):
    """Something with a decoder that can be given up."""

    def close_if_idle(self) -> bool:
        """Releases the decoder unless another thread is reading; returns whether it did."""


class OpenReaders:
    """Remembers the order in which readers were used (safe to share between threads), and keeps none of them alive.

    Args:
      most: the largest number of readers that keep their decoder. Readers at work are never closed, so more threads
        than that may hold more.
    """

    def __init__(self, most: int = MOST_READERS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._readers: collections.OrderedDict[int, weakref.ref[Reader]] = collections.OrderedDict()

    def used(self, reader: Reader) -> None:
        """Notes that a reader was used just now, and closes those that were not used for longest."""
        with self._lock:
            self._readers[id(reader)] = weakref.ref(reader)
            self._readers.move_to_end(id(reader))
            surplus = [self._readers.popitem(last=False)[1] for _ in range(len(self._readers) - self._most)]
        for reference in surplus:
            oldest = reference()
            if oldest is not None and not oldest.close_if_idle():
                with self._lock:
                    self._readers[id(oldest)] = reference
