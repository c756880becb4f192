"""Metrics with TensorFlow Serving's names, labels and buckets, in Prometheus' text format.

A dashboard that was made for TensorFlow Serving also works for this server. `prometheus_client` cannot write these
names: it ends the name of each counter with "_total".
Sources: tensorflow/serving, servables/tensorflow/util.cc (names, labels, buckets) and util/prometheus_exporter.cc
(text); prometheus.io, "Exposition formats".
"""

from __future__ import annotations

import bisect
import contextvars
import itertools
import threading
from collections.abc import Sequence

# Limits in µs: 33 of them from 10 µs, each 1.8 times the one before, up to about 20 minutes.
LATENCY_LIMITS_US = tuple(10 * 1.8**i for i in range(33))

# Names of models come from requests, also from strangers': further combinations of values count as OTHER.
MOST_COMBINATIONS = 1000
OTHER = "(other)"

# The model that the running request asks for. It is inherited by the tasks that the request starts.
model_name: contextvars.ContextVar[str] = contextvars.ContextVar("model_name", default="")


class Counter:
    """Counts events for each combination of label values. Several threads may use it.

    Args:
      name: name in the text.
      labels: names of the labels.
    """

    def __init__(self, name: str, labels: Sequence[str]) -> None:
        self._name = name
        self._labels = labels
        self._counts: dict[tuple[str, ...], int] = {}
        self._lock = threading.Lock()

    def add(self, *values: str) -> None:
        """Counts one event.

        Args:
          *values: a value for each label.
        """
        with self._lock:
            values = _limit(self._counts, values)
            self._counts[values] = self._counts.get(values, 0) + 1

    def lines(self) -> list[str]:
        """Returns the lines of the text; the first states the type."""
        with self._lock:
            counts = dict(self._counts)
        lines = [f"# TYPE {self._name} counter"]
        return lines + [f"{self._name}{{{_join(self._labels, values)}}} {count}" for values, count in counts.items()]


class Histogram:
    """Counts durations in the buckets of LATENCY_LIMITS_US. Several threads may use it.

    Args:
      name: name in the text.
      labels: names of the labels.
    """

    def __init__(self, name: str, labels: Sequence[str]) -> None:
        self._name = name
        self._labels = labels
        self._buckets: dict[tuple[str, ...], list[int]] = {}
        self._sums_us: dict[tuple[str, ...], float] = {}
        self._lock = threading.Lock()

    def add(self, seconds: float, *values: str) -> None:
        """Counts one duration.

        Args:
          seconds: the duration.
          *values: a value for each label.
        """
        duration_us = seconds * 1e6
        with self._lock:
            values = _limit(self._buckets, values)
            buckets = self._buckets.setdefault(values, [0] * (len(LATENCY_LIMITS_US) + 1))
            buckets[bisect.bisect_right(LATENCY_LIMITS_US, duration_us)] += 1
            self._sums_us[values] = self._sums_us.get(values, 0.0) + duration_us

    def lines(self) -> list[str]:
        """Returns the lines of the text; the first states the type."""
        with self._lock:
            buckets = {values: list(counts) for values, counts in self._buckets.items()}
            sums_us = dict(self._sums_us)
        limits = [*(f"{limit:g}" for limit in LATENCY_LIMITS_US), "+Inf"]
        lines = [f"# TYPE {self._name} histogram"]
        for values, counts in buckets.items():
            labels = _join(self._labels, values)
            for limit, count in zip(limits, itertools.accumulate(counts)):
                lines.append(f'{self._name}_bucket{{{labels},le="{limit}"}} {count}')
            lines.append(f"{self._name}_sum{{{labels}}} {sums_us[values]:.0f}")
            lines.append(f"{self._name}_count{{{labels}}} {sum(counts)}")
        return lines


def _limit(known, values):
    if values in known or len(known) < MOST_COMBINATIONS:
        return values
    return (OTHER, *values[1:])


def _join(names, values):
    return ",".join(f'{name}="{_escape(value)}"' for name, value in zip(names, values))


def _escape(value):
    # A model's name comes from the request and may hold half of a surrogate pair.
    value = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


class Metrics:
    """The server's metrics.

    Attributes:
      request_count: requests of both APIs, by model and by the code of the answer ("OK", "NOT_FOUND", …).
      request_latency: duration of the requests that succeeded, from the whole body to the answer, by model, action
        ("predict" over REST, "Predict" over gRPC) and API ("REST", "GRPC").
      runtime_latency: duration of the calls of the model. Requests that were merged have that of their common call.
    """

    def __init__(self) -> None:
        self.request_count = Counter(":tensorflow:serving:request_count", ("model_name", "status"))
        self.request_latency = Histogram(":tensorflow:serving:request_latency", ("model_name", "API", "entrypoint"))
        self.runtime_latency = Histogram(":tensorflow:serving:runtime_latency", ("model_name", "API", "runtime"))

    def observe_run(self, seconds: float) -> None:
        """Counts a call of the model of the running request; the runtime has TensorFlow Serving's name."""
        self.runtime_latency.add(seconds, model_name.get(), "Predict", "TF1")

    def text(self) -> str:
        """Returns the page that Prometheus reads."""
        metrics = (self.request_count, self.request_latency, self.runtime_latency)
        return "\n".join(line for metric in metrics for line in metric.lines()) + "\n"
