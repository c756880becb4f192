"""A work for tests of Ray; processes of a cluster import this module, so it loads little."""

from __future__ import annotations

import dataclasses
import importlib
import os
import time
from collections.abc import Callable
from typing import Any


@dataclasses.dataclass(frozen=True)
class Halving:
    """Halves numbers, and fails in different ways for other jobs."""

    def open(self) -> Callable[[Any], float]:
        """Returns the function that does a job."""
        return _halve

    def fail(self, job: Any, reason: str) -> str:
        """Returns the outcome of a job that no process could finish."""
        return f"{job}: {reason}"


def _halve(job):
    if job == "exit":
        os._exit(7)
    if job == "load":
        importlib.import_module("keras_pose.annotating.many_videos")
        time.sleep(1)  # so that the other node does the other job
        return 1
    return job / 2
