"""Runs jobs: here, one after the other, or on the machines of a Ray cluster, many at once.

A work says what is done with a job. It opens what all jobs need (a net, a source of data) once in each process. Jobs
keep what they finish in files that are written atomically, so that a job that is done again goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from keras_pose.cluster.config import RayConfig

Do = Callable[[Any], Any]


class Work(Protocol):
    """What is done with each job. A frozen dataclass: equal works share what they open."""

    def __hash__(self) -> int:
        """Returns a number that equal works share."""

    def open(self) -> Do:
        """Returns the function that does a job and returns its outcome."""

    def fail(self, job: Any, reason: str) -> Any:
        """Returns the outcome of a job that no process could finish."""


def run(work: Work, jobs: Iterable[Any], config: RayConfig, opened: Do | None = None) -> Iterator[Any]:
    """Runs jobs.

    Args:
      work: what is done with each.
      jobs: the jobs; all different.
      config: the cluster, if there is one.
      opened: what `work.open` would return, if it is open in this process already.

    Yields:
      The outcome of each job when it is done: here in the order of the jobs, on a cluster in that of their ends.
    """
    if config.ray_address:
        from keras_pose.cluster import ray_jobs

        yield from ray_jobs.run(work, jobs, config)
        return
    do = opened or work.open()
    for job in jobs:
        yield do(job)
