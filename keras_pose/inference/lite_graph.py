"""Functions of one item, run by TensorFlow Lite: a graph with its weights as constants, and its interpreters."""

from __future__ import annotations

import concurrent.futures
import contextlib
import math
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from absl import logging
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

_MOST_WORKERS = 8  # each has its own copy of the weights


class LiteGraph:
    """A function of one item, run by TensorFlow Lite.

    Each item is run by itself, so it has the same result, to the last bit, in a batch of any size and with any number
    of threads. Threads may share the graph.

    Args:
      function: concrete function of one tensor [1, ...] to one tensor [1, ...], see `trace`.
      threads: threads that work on one item if it comes alone.
      workers: threads among which the items of a batch are divided.
    """

    def __init__(self, function: Callable, threads: int = 1, workers: int = 1) -> None:
        frozen = convert_variables_to_constants_v2(function)
        converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen], tf.Module())
        with suppress_output():
            self._content = converter.convert()
        self._alone = _Interpreter(self._content, threads)
        self._share_alone = threads == 1
        self._most_workers = min(workers, _MOST_WORKERS)
        self._workers: list[_Interpreter] = []
        self._executor: concurrent.futures.ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    def __call__(self, items: np.ndarray | tf.Tensor) -> np.ndarray:
        """Runs the function on a batch, uint8 or float32 [B, ...]; returns float32 [B, ...]."""
        items = np.asarray(items)
        with self._lock:
            if len(items) == 1:
                return self._alone.run(items[0])
            results = np.empty((len(items), *self._alone.output_shape[1:]), np.float32)
            workers = self._open_workers(min(len(items), self._most_workers))
            shares = np.array_split(np.arange(len(items)), max(1, len(workers)))
            waiting = [
                self._executor.submit(worker.run_into, items, results, share)
                for worker, share in zip(workers[1:], shares[1:])
                if self._executor
            ]
            if workers:
                workers[0].run_into(items, results, shares[0])
            for future in waiting:
                future.result()
        return results

    def _open_workers(self, count):
        """Returns interpreters of one thread each; makes those that are missing."""
        if count and not self._workers:
            self._workers.append(self._alone if self._share_alone else _Interpreter(self._content, 1))
        while len(self._workers) < count:
            self._workers.append(_Interpreter(self._content, 1))
        if count > 1 and self._executor is None:
            self._executor = concurrent.futures.ThreadPoolExecutor(self._most_workers - 1)
        return self._workers[:count]


class _Interpreter:
    """An interpreter with its input and its output."""

    def __init__(self, content, threads):
        self._interpreter = open_interpreter(content, threads)
        self._input = self._interpreter.get_input_details()[0]["index"]
        output = self._interpreter.get_output_details()[0]
        self._output = output["index"]
        self.output_shape = tuple(output["shape"])

    def run(self, item):
        self._interpreter.set_tensor(self._input, np.asarray(item, np.float32)[None])
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)

    def run_into(self, items, results, places):
        for place in places:
            results[place] = self.run(items[place])[0]


def trace(function: Callable[[tf.Tensor], tf.Tensor], shape: Sequence[int]) -> Callable:
    """Returns the concrete function of a function of one float32 tensor.

    Args:
      function: function of one tensor [1, ...] to one tensor [1, ...].
      shape: shape of its input, with the 1.
    """
    spec = tf.TensorSpec(shape, tf.float32)
    return tf.function(function, input_signature=[spec], autograph=False).get_concrete_function()


def count_products(function: Any) -> int:
    """Returns how many multiplications the convolutions and dense layers of a concrete function take."""
    total = 0
    for operation in function.graph.get_operations():
        if operation.type not in ("Conv2D", "DepthwiseConv2dNative", "MatMul"):
            continue
        values = math.prod(operation.outputs[0].shape[1:])
        kernel = operation.inputs[1].shape
        # Conv2D [kh, kw, C, filters], DepthwiseConv2dNative [kh, kw, C, multiplier], MatMul [C, units]
        total += values * math.prod(kernel[:2] if operation.type == "DepthwiseConv2dNative" else kernel[:-1])
    return total


def count_cores() -> int:
    """Returns the cores that this process may use, at most TensorFlow's threads of an operation."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    set_by_environment = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    limit = tf.config.threading.get_intra_op_parallelism_threads()
    limit = limit or (int(set_by_environment) if set_by_environment.isdecimal() else 0)
    return min(cores, limit) if limit > 0 else cores


def open_interpreter(content: bytes, threads: int = 1) -> tf.lite.Interpreter:
    """Returns an interpreter for the content of a file, without the warnings that it usually prints."""
    with warnings.catch_warnings(), suppress_output():
        warnings.filterwarnings("ignore", message=r"(?s).*tf\.lite\.Interpreter is deprecated")
        interpreter = tf.lite.Interpreter(model_content=content, num_threads=threads)
        interpreter.allocate_tensors()
    return interpreter


@contextlib.contextmanager
def suppress_output() -> Iterator[None]:
    """Suppresses everything that is written to the standard error, and log messages below errors.

    TensorFlow Lite writes statistics directly to the file descriptor. Warnings are lost too; errors raise exceptions.
    """
    logging_verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    sys.stderr.flush()
    standard_error = os.dup(2)
    try:
        with open(os.devnull, "wb") as null_device:
            os.dup2(null_device.fileno(), 2)
        yield
    finally:
        os.dup2(standard_error, 2)
        os.close(standard_error)
        logging.set_verbosity(logging_verbosity)
