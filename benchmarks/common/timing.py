"""Fair timing: alternatives take turns (A B A B …) in one process.

If the speed of the machine changes, the change meets all alternatives, and a ratio is taken pair by pair.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.common.rows import Spread


@dataclasses.dataclass(frozen=True)
class Timings:
    """Seconds of each alternative: `samples[name]` float64 [repeats], in the order of the repeats."""

    samples: dict[str, np.ndarray]

    def __getitem__(self, name: str) -> Spread:
        return Spread.from_samples(self.samples[name])

    def ratio(self, slower: str, faster: str) -> Spread:
        """Returns the time of `slower` divided by the time of `faster`, pair by pair."""
        return Spread.from_samples(self.samples[slower] / self.samples[faster])


def time_in_turn(functions: Mapping[str, Callable[[], Any]], repeats: int, warmup: int = 2, calls: int = 1) -> Timings:
    """Times functions in turn: A B A B …, so that all meet the same state of the machine.

    Args:
      functions: each alternative, a function that returns when its work is DONE (on an accelerator it must read a
        result back).
      repeats: timed turns of each.
      warmup: untimed calls of each at the start, for tracing and caches.
      calls: calls of a function in each turn. Use several for short functions, because the others leave their caches
        and threads cold.

    Returns:
      `Timings` with wall time in seconds per call.
    """
    for function in functions.values():
        for _ in range(warmup):
            function()
    samples = {name: np.empty(repeats) for name in functions}
    for i in range(repeats):
        for name, function in functions.items():
            start = time.perf_counter()
            for _ in range(calls):
                function()
            samples[name][i] = (time.perf_counter() - start) / calls
    return Timings(samples)
