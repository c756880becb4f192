"""How many images a second the server answers when clients ask at once, beside direct calls of the same model."""

from __future__ import annotations

import time

import numpy as np
import tensorflow as tf

from benchmarks.common import harness
from benchmarks.server import clients, processes, request_load

CLIENTS = 8


def measure_throughput(version, quick) -> list:
    """Clients at once, each with one JPEG at a time, against direct calls with as many images; the server's memory.

    Processor time is that of all threads of a process, by image.
    """
    images, count = request_load.make_images(CLIENTS), 40 if quick else 250
    call = tf.saved_model.load(str(version)).signatures["serving_default"]
    expected = [{name: value.numpy() for name, value in call(image_bytes=tf.constant([i])).items()} for i in images]
    with processes.serve(version) as (url, process):
        rounds = _Rounds(call, url, process, images, count)
        functions = {"direct": rounds.direct, "served": rounds.served}
        timings = harness.time_in_turn(functions, 3 if quick else 8, warmup=1)
    images_s = {name: harness.Spread.of(CLIENTS * count / timings.samples[name]) for name in functions}
    wrong = sum(clients.count_wrong(one_round, expected) for one_round in rounds.answers)
    return [
        images_s["direct"].row(f"direct calls of {CLIENTS} images", "images/s"),
        images_s["served"].row(f"REST, {CLIENTS} clients at once", "images/s"),
        timings.ratio("direct", "served").row("served / direct throughput", "", target=">= 0.9"),
        harness.Row(f"wrong answers of {CLIENTS * count * len(rounds.answers)}", wrong, "", target="== 0"),
        *rounds.rows(),
    ]


class _Rounds:
    """Rounds of `count` calls with all images, and of as many requests of each client.

    Attributes:
      answers: list, for each round of requests what `clients.run` returned.
    """

    def __init__(self, call, url, process, images, count):
        self._call, self._batch = call, tf.constant(images)
        self._url, self._process, self._count = url, process, count
        self._bodies = [request_load.jpeg_body([image]) for image in images]
        self._cpu_s = {"direct": [], "clients": [], "server": []}
        self._memory_mb = []
        self.answers = []

    def direct(self):
        start = time.process_time()
        for _ in range(self._count):
            self._call(image_bytes=self._batch)["keypoints"].numpy()
        self._cpu_s["direct"].append(time.process_time() - start)

    def served(self):
        starts = time.process_time(), processes.cpu_s(self._process)
        self.answers.append(clients.run(self._url, self._bodies, self._count))
        self._cpu_s["clients"].append(time.process_time() - starts[0])
        self._cpu_s["server"].append(processes.cpu_s(self._process) - starts[1])
        self._memory_mb.append(processes.resident_mb(self._process))

    def rows(self) -> list:
        """Rows of processor time, without the first round, and of the server's memory."""
        asked = len(self._bodies) * self._count
        cpu_ms = {name: harness.Spread.of(np.array(s[1:]) / asked * 1e3) for name, s in self._cpu_s.items()}
        first_mb, *_, last_mb = self._memory_mb
        return [
            cpu_ms["direct"].row("processor time of direct calls", "ms"),
            cpu_ms["server"].row("processor time of the server", "ms"),
            cpu_ms["clients"].row("processor time of the clients", "ms"),
            harness.Row(f"memory after {asked} requests", first_mb, "MB"),
            harness.Row(f"growth over the next {asked * (len(self._memory_mb) - 1)}", last_mb - first_mb, "MB"),
        ]
