"""Merges simultaneous requests into one call of the model.

Requests are merged if they name the same version and signature, and their inputs agree in type and in all axes but the
first. Without a batch timeout, those that have arrived together are merged; while all workers are busy, requests
collect for longer. Free workers share the waiting requests: one runs the model while the answers of another are
written. If a merged call fails, its requests are run again one by one, so that each gets its own result or error.

On a machine with other work, a thread that has slept waits for its turn before it goes on, several ms each time.
Therefore no request waits for a timer unless a batch timeout is given.
"""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import math
import time
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from serving.local_server.errors import ServingError, as_serving_error

if TYPE_CHECKING:
    from serving.local_server.servable import Servable

NUM_WORKERS = 2
# Smallest share of a worker: each call has a fixed cost of about one or two rows.
SMALLEST_SHARE_ROWS = 4


class _Item(NamedTuple):
    inputs: dict
    num_rows: int
    future: asyncio.Future


class _Queue:
    """Requests that can be merged: `items` and the sum of their rows."""

    def __init__(self, servable: Servable, signature: str) -> None:
        self.servable = servable
        self.signature = signature
        self.items: collections.deque[_Item] = collections.deque()
        self.num_rows = 0

    def append(self, item: _Item) -> None:
        """Adds a request at the end."""
        self.items.append(item)
        self.num_rows += item.num_rows

    def take(self, max_rows: int) -> list[_Item]:
        """Removes and returns the first items, at most `max_rows` rows together but at least one item."""
        items: list[_Item] = []
        num_rows = 0
        while self.items and (not items or num_rows + self.items[0].num_rows <= max_rows):
            items.append(self.items.popleft())
            num_rows += items[-1].num_rows
        self.num_rows -= num_rows
        return items


class Batcher:
    """Runs signatures in a small thread pool. Call its methods only from the thread of the event loop.

    Args:
      max_batch_size: most rows in a merged call; 1 turns merging off. A larger single request is run unchanged.
      batch_timeout_ms: longest time a request waits for others; 0: merge those that have arrived together.
      num_workers: most simultaneous calls of models.
      max_waiting: most requests that may wait; further ones are refused (UNAVAILABLE).
      observe_run: called for each answered request, in its context, with the duration in s of its call of the model.
    """

    def __init__(
        self,
        max_batch_size: int = 32,
        batch_timeout_ms: float = 0.0,
        num_workers: int = NUM_WORKERS,
        max_waiting: int = 256,
        observe_run: Callable[[float], None] | None = None,
    ) -> None:
        self._max_rows = max_batch_size
        self._timeout_seconds = batch_timeout_ms / 1000
        self._max_waiting = max_waiting
        self._observe_run = observe_run
        self._num_free = num_workers
        self._num_waiting = 0
        self._queues: collections.OrderedDict[Hashable, _Queue] = collections.OrderedDict()  # the first is next
        self._ready: set[Hashable] = set()  # keys of queues whose wait is over
        self._pool = concurrent.futures.ThreadPoolExecutor(num_workers, thread_name_prefix="model-run")

    async def run(self, servable: Servable, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Runs a signature, merged with other requests if possible.

        Args:
          servable: the model version.
          signature: name of its signature.
          inputs: maps input names to arrays that `servable.check` accepts.

        Returns:
          Maps output names to arrays.

        Raises:
          ServingError: from the model, or UNAVAILABLE if too many requests wait.
        """
        if self._num_waiting >= self._max_waiting:
            raise ServingError("UNAVAILABLE", f"The queue is full: {self._num_waiting} requests wait")
        loop = asyncio.get_running_loop()
        # Find the queue of requests that this one can be merged with; a request that cannot has its own.
        num_rows = _count_rows(servable.signature(signature), inputs)
        future = loop.create_future()
        can_merge = bool(num_rows) and self._max_rows > 1
        key: Hashable = (servable, signature, _row_types(inputs)) if can_merge else future
        queue = self._queues.get(key)
        if queue is None:
            queue = _Queue(servable, signature)
            self._queues[key] = queue
            # The first request of a queue sets the end of its wait.
            if not can_merge:
                self._ready.add(key)
            elif self._timeout_seconds:
                loop.call_later(self._timeout_seconds, self._end_wait, key)
            else:
                loop.call_soon(self._end_wait, key)  # after the requests that have arrived with it
        # Add the request, and start a call if the queue is full or its wait is over.
        self._num_waiting += 1
        queue.append(_Item(inputs, num_rows, future))
        if queue.num_rows >= self._max_rows:
            self._ready.add(key)
        self._start_calls()
        outputs, seconds = await future
        if self._observe_run:
            self._observe_run(seconds)
        return outputs

    def close(self) -> None:
        """Refuses the waiting requests and lets the workers end."""
        for queue in self._queues.values():
            for item in queue.items:
                if not item.future.done():
                    item.future.set_exception(ServingError("UNAVAILABLE", "The server is shutting down"))
        self._queues.clear()
        self._pool.shutdown(wait=False)

    def _end_wait(self, key):
        if key in self._queues:
            self._ready.add(key)
            self._start_calls()

    def _start_calls(self):
        while self._num_free:
            key = next((key for key in self._queues if key in self._ready), None)
            if key is None:
                return
            queue = self._queues[key]
            share = max(SMALLEST_SHARE_ROWS, math.ceil(queue.num_rows / self._num_free))
            items = queue.take(min(share, self._max_rows))
            if not queue.items:
                del self._queues[key]
                self._ready.discard(key)
            else:
                self._queues.move_to_end(key)  # the next free worker takes the rest
            self._num_waiting -= len(items)
            self._num_free -= 1
            call = asyncio.get_running_loop().run_in_executor(
                self._pool, _run_timed, queue.servable, queue.signature, items
            )
            call.add_done_callback(lambda done, items=items: self._finish(done, items))

    def _finish(self, call, items):
        self._num_free += 1
        failure = call.exception()
        answers, seconds = ([failure] * len(items), 0.0) if failure else call.result()
        for item, answer in zip(items, answers):
            if item.future.done():
                continue  # the client is gone
            if isinstance(answer, BaseException):
                item.future.set_exception(as_serving_error(answer))
            else:
                item.future.set_result((answer, seconds))
        self._start_calls()


def _count_rows(signature, inputs):
    """Returns the number of rows that all inputs share, or 0 if the request cannot be merged."""
    if not signature.has_rows or any(array.ndim != signature.shapes[name].rank for name, array in inputs.items()):
        return 0
    counts = {len(array) for array in inputs.values()}
    return counts.pop() if len(counts) == 1 else 0


def _row_types(inputs):
    """Returns name, type and row shape of each input: only requests that agree in them can be merged."""
    return tuple((name, array.dtype.str, array.shape[1:]) for name, array in sorted(inputs.items()))


def _run_timed(servable, signature, items):
    """Returns what `_run_merged` returns, and how long it took in s."""
    start = time.perf_counter()
    answers = _run_merged(servable, signature, items)
    return answers, time.perf_counter() - start


def _run_merged(servable, signature, items):
    """Returns the outputs of each item, or its exception."""
    if len(items) > 1:
        try:
            return _split(servable.run(signature, _merge(items)), items)
        except Exception:  # noqa: BLE001  each request is run again below and gets its own error
            pass
    answers = []
    for item in items:
        try:
            answers.append(servable.run(signature, item.inputs))
        except Exception as error:  # noqa: BLE001
            answers.append(error)
    return answers


def _merge(items):
    return {name: np.concatenate([item.inputs[name] for item in items]) for name in items[0].inputs}


def _split(outputs, items):
    ends = np.cumsum([item.num_rows for item in items])
    for name, array in outputs.items():
        if array.ndim == 0 or len(array) != ends[-1]:
            raise ValueError(f"output {name}: expected {ends[-1]} rows, received shape {array.shape}")
    return [
        {name: array[end - item.num_rows : end] for name, array in outputs.items()} for item, end in zip(items, ends)
    ]
