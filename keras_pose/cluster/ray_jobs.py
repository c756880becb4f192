"""Runs jobs on a Ray cluster. The jobs of a machine that is lost are done again on others.

Ray starts processes on all machines, as many as their cores allow, and each keeps what it has opened for the next job.
Outcomes come back through Ray; files do not: all machines must see the same folders at the same paths.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import socket
import time
from collections.abc import Iterable, Iterator
from typing import Any

from keras_pose import ending, locks
from keras_pose.cluster.config import RayConfig
from keras_pose.cluster.jobs import Do, Work

_LOSSES = 5  # how often a job is done again because its process or its machine was lost
_HELD_S = 120.0
_WAITING = 1000  # jobs that Ray knows of at a time
_ANSWERS_WITHIN_S = 10.0
_THREADS = ("TF_NUM_INTRAOP_THREADS", "OPENCV_FOR_THREADS_NUM")


def run(work: Work, jobs: Iterable[Any], config: RayConfig) -> Iterator[Any]:
    """Runs jobs; see `jobs.run`.

    Args:
      work: what is done with each.
      jobs: the jobs.
      config: the cluster.

    Yields:
      The outcome of each job when it is done.

    Raises:
      ValueError: if there is no such cluster.
      Exception: what a job raised.
    """
    import ray

    with _connected(ray, config.ray_address):
        do = ray.remote(num_cpus=config.ray_cpus, num_gpus=config.ray_gpus, max_retries=_LOSSES)(do_job)
        left = iter(jobs)
        running: dict[Any, Any] = {}
        while True:
            for job in itertools.islice(left, _WAITING - len(running)):
                running[do.remote(work, job, os.getcwd(), config.ray_cpus)] = job
            if not running:
                return
            [done], _ = ray.wait(list(running), num_returns=1)
            job = running.pop(done)
            try:
                outcome = ray.get(done)
            except ray.exceptions.RayTaskError as error:  # the job itself failed
                raise error.cause from error
            except ray.exceptions.RayError as error:
                reason = str(error).strip().splitlines()[0]
                outcome = work.fail(job, f"its process was lost {_LOSSES + 1} times: {reason}")
            yield outcome


def do_job(work: Work, job: Any, folder: str, cpus: int) -> Any:
    """Does a job in a process of the cluster.

    Args:
      work: what to do.
      job: the job.
      folder: the folder that relative paths begin in.
      cpus: CPU cores to use.
    """
    try:
        os.chdir(folder)
    except OSError as error:
        raise OSError(
            f"{folder}: not found on {socket.gethostname()}; all machines need the same folders at the same paths"
        ) from error
    for name in _THREADS:  # read when TensorFlow and OpenCV begin to work
        os.environ.setdefault(name, str(cpus))
    return _open(work)(job)


@functools.lru_cache(maxsize=1)
def _open(work: Work) -> Do:
    return work.open()


@contextlib.contextmanager
def hold_job(path: str) -> Iterator[None]:
    """Holds a file of a job in the block, so that no other process does the same job.

    Ray may take a machine for lost that still works. A machine that is really lost holds nothing, but file servers find
    that out late: this waits for up to two minutes.

    Args:
      path: the file; it is made, and removed at the end.

    Raises:
      ValueError: if another process holds it.
    """
    deadline = time.monotonic() + _HELD_S
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(locks.hold_file(path, f"{path}: another process does this job"))
                break
            except ValueError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(1)
        yield


def _check_answers(address):
    """Raises ValueError if nothing listens at host:port: Ray itself would go on trying for many minutes."""
    found = re.fullmatch(r"(?:ray://)?\[?([^/\[\]]+)\]?:([0-9]{1,5})", address)
    if found is None:
        return  # "local", "auto": Ray finds it, or says at once that there is none
    host, port = found.groups()
    try:
        socket.create_connection((host, int(port)), _ANSWERS_WITHIN_S).close()
    except (OSError, OverflowError) as error:
        raise ValueError(f"--ray_address={address}: cannot connect to the cluster: {error}") from error


@contextlib.contextmanager
def _connected(ray, address):
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would report what it is used for
    if ray.is_initialized():  # the caller is connected
        yield
        return
    _check_answers(address)
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    if address == "local":
        options["include_dashboard"] = False
    try:
        with ending.keep_answer_to_sigterm():  # Ray's own answer ends the process without a word
            ray.init(address=address, **options)
    except (ConnectionError, TimeoutError, RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(f"--ray_address={address}: cannot connect to the cluster: {reason}") from error
    try:
        yield
    finally:
        ray.shutdown()
