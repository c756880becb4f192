"""The part "busy" of `serving`: throughput and the spread of the answers' times while another process uses a core."""

from __future__ import annotations

import contextlib
import pathlib
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from benchmarks.common.rows import Row, Spread
from benchmarks.server import clients, processes, request_load
from keras_pose.inference import saved_models

CLIENTS = 8


def measure_busy_core(version: pathlib.Path, quick: bool) -> list[Row]:
    """Measures concurrent clients against direct calls, in turn, while a process that only counts runs beside them.

    Each round of requests lies between two rounds of as many direct calls, and is compared with their mean.

    Args:
      version: a version of the served export.
      quick: whether to measure fewer and shorter rounds.
    """
    images = request_load.make_images(CLIENTS)
    bodies = [request_load.jpeg_body([image]) for image in images]
    count = 10 if quick else 30
    call = saved_models.load(version).signatures["serving_default"]
    batch = tf.constant(images)

    def time_direct() -> float:
        start = time.perf_counter()
        for _ in range(count):
            call(image_bytes=batch)["keypoints"].numpy()
        return time.perf_counter() - start

    ratios = []
    medians_s = []
    late_s = []
    with processes.serve(version) as (url, _), use_a_core():
        clients.run(url, bodies, count)
        before_s = time_direct()
        for _ in range(3 if quick else 15):
            durations_s: list[float] = []
            start = time.perf_counter()
            clients.run(url, bodies, count, durations_s)
            served_s = time.perf_counter() - start
            after_s = time_direct()
            ratios.append((before_s + after_s) / 2 / served_s)
            medians_s.append(np.median(durations_s))
            late_s.append(np.percentile(durations_s, 95))
            before_s = after_s
    tails = Spread.from_samples(np.array(late_s) / np.array(medians_s))
    return [
        Spread.from_samples(ratios).to_row("one core busy: served / direct throughput", "", target=">= 0.9"),
        Spread.from_samples(medians_s).to_row("one core busy: median time of an answer", "ms", 1e3),
        Spread.from_samples(late_s).to_row("one core busy: time of 95 % of the answers", "ms", 1e3),
        tails.to_row("one core busy: 95th percentile / median", "x", target="<= 1.5"),
    ]


@contextlib.contextmanager
def use_a_core() -> Iterator[None]:
    """Runs a process that uses as much of a core as it gets."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()
