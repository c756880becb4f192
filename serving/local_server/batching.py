"""Merges requests that come at once into one call of the model.

Merged are requests to the same version and signature whose inputs agree in type and in all but the first axis. A
request that is alone waits at most the batch timeout; as long as all workers are busy requests gather further. Free
workers share what waits: while the requests of one are read and answered those of the other are run. When a
merged call fails its requests are run again one by one, so that each gets its own error and no other's.
"""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import math
from typing import NamedTuple

import numpy as np

from serving.local_server.errors import ServingError, as_serving_error

NUM_WORKERS = 2
# No worker's share is smaller: a call by itself costs as much as one or two rows.
SMALLEST_SHARE_ROWS = 4


class _Item(NamedTuple):
    inputs: dict
    num_rows: int
    future: asyncio.Future


class _Queue:
    """Requests that may be merged: `items` (deque) and the sum of their rows."""

    def __init__(self, servable, signature):
        self.servable, self.signature = servable, signature
        self.items = collections.deque()
        self.num_rows = 0

    def append(self, item):
        self.items.append(item)
        self.num_rows += item.num_rows

    def take(self, max_rows):
        """Removes and returns as many items, at least one, as have `max_rows` together."""
        items, num_rows = [], 0
        while self.items and (not items or num_rows + self.items[0].num_rows <= max_rows):
            items.append(self.items.popleft())
            num_rows += items[-1].num_rows
        self.num_rows -= num_rows
        return items


class Batcher:
    """Runs signatures in a small thread pool. All methods are for the thread of the event loop.

    Args:
      max_batch_size: int, rows of a merged call; 1 turns merging off. A larger single request is run as it is.
      batch_timeout_ms: float, how long a request waits for others.
      num_workers: int, calls of models at once.
      max_waiting: int, requests that may wait; more are refused (UNAVAILABLE).
    """

    def __init__(self, max_batch_size=32, batch_timeout_ms=1.0, num_workers=NUM_WORKERS, max_waiting=256):
        self._max_rows = max_batch_size
        self._timeout_seconds = batch_timeout_ms / 1000
        self._max_waiting = max_waiting
        self._num_free = num_workers
        self._num_waiting = 0
        self._queues = collections.OrderedDict()  # key -> _Queue; the first is served next
        self._ready = set()  # keys whose wait is over
        self._pool = concurrent.futures.ThreadPoolExecutor(num_workers, thread_name_prefix="model-run")

    async def run(self, servable, signature, inputs):
        """Runs a signature, together with others where that is possible.

        Args:
          servable: Servable.
          signature: str.
          inputs: dict of numpy arrays that `servable.check` accepts.

        Returns:
          Dict of output name to numpy array.

        Raises:
          ServingError: from the model, or UNAVAILABLE where too many requests wait.
        """
        if self._num_waiting >= self._max_waiting:
            raise ServingError("UNAVAILABLE", f"The queue is full: {self._num_waiting} requests wait")
        loop = asyncio.get_running_loop()
        num_rows = _common_rows(servable.signature(signature), inputs)
        future = loop.create_future()
        key = (servable, signature, _inner_form(inputs)) if num_rows and self._max_rows > 1 else (future,)
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue(servable, signature)
            wait = self._timeout_seconds if len(key) > 1 else 0
            # The first of a queue sets the end of its wait.
            loop.call_later(wait, self._end_wait, key) if wait else self._ready.add(key)
        self._num_waiting += 1
        queue.append(_Item(inputs, num_rows, future))
        if queue.num_rows >= self._max_rows:
            self._ready.add(key)
        self._start_calls()
        return await future

    def close(self):
        """Refuses what still waits and lets the workers end."""
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
                self._queues.move_to_end(key)  # what did not fit goes with the next free worker
            self._num_waiting -= len(items)
            self._num_free -= 1
            call = asyncio.get_running_loop().run_in_executor(
                self._pool, _run_merged, queue.servable, queue.signature, items
            )
            call.add_done_callback(lambda done, items=items: self._finish(done, items))

    def _finish(self, call, items):
        self._num_free += 1
        failure = call.exception()
        answers = [failure] * len(items) if failure else call.result()
        for item, answer in zip(items, answers):
            if item.future.done():
                continue  # the one who asked is gone
            if isinstance(answer, BaseException):
                item.future.set_exception(as_serving_error(answer))
            else:
                item.future.set_result(answer)
        self._start_calls()


def _common_rows(signature, inputs):
    """Returns the rows that all inputs have in common, or 0 where the request must be run by itself."""
    if not signature.has_rows:
        return 0
    counts = {len(array) for array in inputs.values()}
    return counts.pop() if len(counts) == 1 else 0


def _inner_form(inputs):
    return tuple((name, array.dtype.str, array.shape[1:]) for name, array in sorted(inputs.items()))


def _run_merged(servable, signature, items):
    """Returns for each item its outputs or its exception."""
    if len(items) > 1:
        try:
            return _split(servable.run(signature, _merge(items)), items)
        except Exception:  # noqa: BLE001  each request is asked again below, and keeps its own error
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
