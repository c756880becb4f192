"""The part "mutated" of `serving`: requests with random changes, and how many are not answered as they should be."""

from __future__ import annotations

import pathlib
import random
import time

import cv2
import numpy as np

from benchmarks.common.rows import Row
from benchmarks.server import mutations, processes, request_load


def measure_mutated(version: pathlib.Path, quick: bool) -> list[Row]:
    """Sends requests with random changes and prints each fault.

    Args:
      version: a version of the served export.
      quick: whether to send 300 requests instead of 10,000.
    """
    count = 300 if quick else 10_000
    chooser = random.Random(request_load.SEED)
    jpeg, png = (cv2.imencode(kind, np.full((24, 32, 3), 90, np.uint8))[1].tobytes() for kind in (".jpg", ".png"))
    valid = mutations.valid_requests(jpeg, png)
    good = 0
    slowest_s = 0.0
    with processes.serve(version) as (url, process), request_load.open_session() as session:
        for _ in range(count):
            path, body = mutations.mutate(chooser, valid, "pose")
            start = time.perf_counter()
            fault = mutations.find_fault(session, url, path, body)
            slowest_s = max(slowest_s, time.perf_counter() - start)
            good += fault is None
            if fault:
                print(f"fault: {fault[:300]} {path} {body[:300]!r}")
        alive = process.poll() is None
    return [
        Row(f"of {count} mutated requests, answered or refused correctly", good, "", target=f"== {count}"),
        Row("server alive afterwards", alive, "", target="== 1"),
        Row("slowest of them", slowest_s, "s"),
    ]
