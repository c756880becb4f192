"""The part "throughput" of `serving`: images per second with concurrent clients, against direct calls of the model."""

from __future__ import annotations

import pathlib
import subprocess
import time
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from benchmarks.common.rows import Row, Spread
from benchmarks.common.timing import time_in_turn
from benchmarks.server import clients, processes, request_load
from keras_pose.inference import saved_models

CLIENTS = 8


def measure_throughput(version: pathlib.Path, quick: bool) -> list[Row]:
    """Measures clients that each send one JPEG at a time against direct calls with as many images, and memory.

    Processor time is the time of all threads of a process, per image.

    Args:
      version: a version of the served export.
      quick: whether to measure fewer rounds.
    """
    images = request_load.make_images(CLIENTS)
    count = 40 if quick else 250
    call = saved_models.load(version).signatures["serving_default"]
    expected = [{name: value.numpy() for name, value in call(image_bytes=tf.constant([i])).items()} for i in images]
    with processes.serve(version) as (url, process):
        rounds = _Rounds(call, url, process, images, count)
        functions = {"direct": rounds.direct, "served": rounds.served}
        timings = time_in_turn(functions, 3 if quick else 8, warmup=1)
    images_s = {name: Spread.from_samples(CLIENTS * count / timings.samples[name]) for name in functions}
    wrong = sum(clients.count_wrong(one_round, expected) for one_round in rounds.answers)
    return [
        images_s["direct"].to_row(f"direct calls of {CLIENTS} images", "images/s"),
        images_s["served"].to_row(f"REST, {CLIENTS} concurrent clients", "images/s"),
        timings.ratio("direct", "served").to_row("served / direct throughput", "", target=">= 0.9"),
        Row(f"wrong answers of {CLIENTS * count * len(rounds.answers)}", wrong, "", target="== 0"),
        *rounds.rows(),
    ]


class _Rounds:
    """Rounds of `count` direct calls with all images, and rounds of as many requests of each client.

    Attributes:
      answers: for each round of requests what `clients.run` returned.
    """

    def __init__(
        self, call: Callable, url: str, process: subprocess.Popen, images: Sequence[bytes], count: int
    ) -> None:
        self._call = call
        self._batch = tf.constant(images)
        self._url = url
        self._process = process
        self._count = count
        self._bodies = [request_load.jpeg_body([image]) for image in images]
        self._cpu_s: dict[str, list[float]] = {"direct": [], "clients": [], "server": []}
        self._memory_mb: list[float] = []
        self.answers: list[list[list[bytes]]] = []

    def direct(self) -> None:
        start = time.process_time()
        for _ in range(self._count):
            self._call(image_bytes=self._batch)["keypoints"].numpy()
        self._cpu_s["direct"].append(time.process_time() - start)

    def served(self) -> None:
        clients_start = time.process_time()
        server_start = processes.cpu_s(self._process)
        self.answers.append(clients.run(self._url, self._bodies, self._count))
        self._cpu_s["clients"].append(time.process_time() - clients_start)
        self._cpu_s["server"].append(processes.cpu_s(self._process) - server_start)
        self._memory_mb.append(processes.resident_mb(self._process))

    def rows(self) -> list[Row]:
        """Returns rows of processor time, without the first round, and of the server's memory."""
        asked = len(self._bodies) * self._count
        cpu_ms = {name: Spread.from_samples(np.array(s[1:]) / asked * 1e3) for name, s in self._cpu_s.items()}
        first_mb, *_, last_mb = self._memory_mb
        return [
            cpu_ms["direct"].to_row("processor time of direct calls", "ms"),
            cpu_ms["server"].to_row("processor time of the server", "ms"),
            cpu_ms["clients"].to_row("processor time of the clients", "ms"),
            Row(f"memory after {asked} requests", first_mb, "MB"),
            Row(f"growth over the next {asked * (len(self._memory_mb) - 1)}", last_mb - first_mb, "MB"),
        ]
