"""Runs an iterator in a thread of its own, a few items ahead of its reader."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

_Item = TypeVar("_Item")
_POLL_S = 0.05


@contextlib.contextmanager
def read_ahead(items: Iterable[_Item], depth: int = 4) -> Iterator[Iterator[_Item]]:
    """Yields an iterator over the same items, which a thread makes meanwhile.

    After the block the thread has ended, and a generator is closed, whether or not all items were read.

    Args:
      items: what to read; the thread alone iterates over it.
      depth: the most items that wait to be read, which bounds the memory.

    Yields:
      The items in order. An error of `items` is raised where the item would have come.
    """
    waiting: queue.Queue[tuple[str, Any]] = queue.Queue(depth)
    stopped = threading.Event()
    thread = threading.Thread(target=_fill, args=(items, waiting, stopped), name="read_ahead", daemon=True)
    thread.start()
    try:
        yield _drain(waiting)
    finally:
        stopped.set()
        thread.join()


def _fill(items, waiting, stopped):
    try:
        for item in items:
            if not _put(waiting, ("item", item), stopped):
                return
        _put(waiting, ("end", None), stopped)
    except BaseException as error:  # raised again in the thread that reads
        _put(waiting, ("error", error), stopped)
    finally:
        close = getattr(items, "close", None)
        if close is not None and hasattr(items, "send"):  # a generator
            close()


def _put(waiting, entry, stopped):
    """Waits for room; False if nobody reads any longer."""
    while not stopped.is_set():
        try:
            waiting.put(entry, timeout=_POLL_S)
            return True
        except queue.Full:
            continue
    return False


def _drain(waiting):
    while True:
        kind, value = waiting.get()
        if kind == "item":
            yield value
        elif kind == "error":
            raise value
        else:
            return
