"""Training on several machines: one process on each, a worker; all have the same weights after every step.

The environment variable TF_CONFIG says who takes part, in TensorFlow's own format, and which of them a process is:

    {"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}, "task": {"type": "worker", "index": 0}}

The first worker (the chief) writes the folder of the run and evaluates; every other one trains along in a temporary
folder that begins as a copy of the run's, so that all resume at the same checkpoint. All machines need
the same data and the same `--run_dir` at the same paths. If a worker is lost, the others end with exit code 75, and all
must be started again: they go on from the last checkpoint. Loads no TensorFlow.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.metadata
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator

from keras_pose import console
from keras_pose.runs import temporal_choice
from keras_pose.runs.checkpoint_files import newest_first, newest_step
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.run_directory import RunDirectory

VARIABLE = "TF_CONFIG"
START_AGAIN = 75  # exit code of a worker whose peer is lost: EX_TEMPFAIL of sysexits.h
_KINDS = ("chief", "worker")
_NOT_COPIED = ("logs", "eval", "snapshots")


@dataclasses.dataclass(frozen=True)
class Worker:
    """A process among those that train together.

    Args:
      index: its number, from 0; 0 is the chief.
      count: how many there are.
    """

    index: int
    count: int

    @property
    def is_chief(self) -> bool:
        """Whether it writes the folder of the run and evaluates."""
        return self.index == 0


def find() -> Worker | None:
    """Returns which worker this process is; None if it trains alone.

    Raises:
      ValueError: if TF_CONFIG cannot be understood.
    """
    text = os.environ.get(VARIABLE, "")
    if not text:
        return None
    expected = 'expected {"cluster": {"worker": ["host:port", …]}, "task": {"type": "worker", "index": 0}}'
    try:
        config = json.loads(text)
        cluster = {kind: list(addresses) for kind, addresses in config.get("cluster", {}).items()}
        unknown = [kind for kind in cluster if kind not in _KINDS]
        everyone = [(kind, index) for kind in _KINDS for index in range(len(cluster.get(kind, [])))]
        if len(everyone) < 2 and not unknown:
            return None
        own = (config["task"]["type"], int(config["task"]["index"]))
        if unknown or own not in everyone:
            raise ValueError(f"{unknown[0]!r} is no worker" if unknown else f"task {own} is not in the cluster")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{VARIABLE}: {expected}, received {text!r}: {error}") from error
    return Worker(everyone.index(own), len(everyone))


def check(config: TrainConfig, worker: Worker) -> None:
    """Checks that a run can be trained by several workers.

    Raises:
      ValueError: if it cannot; the message says what can be done.
    """
    place = f"{VARIABLE} names {worker.count} workers"
    if int(importlib.metadata.version("keras").split(".")[0]) > 2:
        raise ValueError(
            f"{place}, which needs the classic stack (TensorFlow 2.15, Python 3.9 to 3.11): Keras 3 cannot train with "
            f"MultiWorkerMirroredStrategy. Install requirements.txt on such a Python; or unset {VARIABLE} and train on "
            "one machine, whose GPUs --devices counts"
        )
    if config.device.devices != "auto":
        raise ValueError(f"--devices: expected auto, because {place}, received {config.device.devices}")
    if config.optimisation.batch_size % worker.count:
        raise ValueError(
            f"--batch_size: expected a multiple of {worker.count}, because {place}, received "
            f"{config.optimisation.batch_size}"
        )
    if temporal_choice.is_open(config):
        raise ValueError(
            f"--pooling={config.window.pooling}: expected the name of a kind, because {place}; choose it on one "
            "machine first, whose run shows the choice"
        )
    if config.unlabelled.source:
        raise ValueError(f"--unlabelled: expected nothing, because {place}, received {config.unlabelled.source}")


@contextlib.contextmanager
def own_folder(config: TrainConfig, echo: Callable[[str], None] = console.show) -> Iterator[TrainConfig]:
    """Waits for all workers, and yields the configuration with the folder that this process may write to.

    A process that trains alone gets its configuration back at once.

    Args:
      config: configuration of the run.
      echo: function that shows a line of text.

    Raises:
      ValueError: if the run cannot be trained by several workers, or they see different checkpoints.
    """
    worker = find()
    if worker is None:
        yield config
        return
    check(config, worker)
    with console.quiet_import():
        from keras_pose.training import strategy
    echo(f"worker {worker.index + 1} of {worker.count}: waiting for all of them")
    strategy.join_workers()
    with tempfile.TemporaryDirectory(prefix="keras_pose-worker-") as folder:
        if not worker.is_chief:
            echo(f"worker {worker.index + 1} trains along; the first worker writes {config.run_dir} and evaluates")
            config = config.replace(run_dir=_copy_run(config.run_dir, os.path.join(folder, "run")))
        run = RunDirectory(config.run_dir)
        steps = [newest_step(run.checkpoints), newest_step(RunDirectory(run.frame_net).checkpoints)]
        # Until all have answered, the first worker writes nothing.
        if not strategy.agree(steps):
            raise ValueError(
                f"--run_dir: expected the same folder on all machines, but worker {worker.index + 1} sees other "
                f"checkpoints (steps {steps}) than the others"
            )
        yield config


def _copy_run(source, target):
    """Copies what a run needs to be resumed; returns the new folder."""
    if os.path.isdir(source):

        def skip(folder: str, names: list[str]) -> list[str]:
            older = {os.path.basename(path) for path in newest_first(folder)[1:]}
            return [name for name in names if name in _NOT_COPIED or name in older or name.startswith(".writing-")]

        shutil.copytree(source, target, ignore=skip)
    return target


def is_chief() -> bool:
    """Whether this process writes the run and evaluates: the first worker, or a process that trains alone."""
    worker = find()
    return worker is None or worker.is_chief


@contextlib.contextmanager
def exit_if_lost(program: str) -> Iterator[None]:
    """Ends the process with `START_AGAIN` if another worker is lost in the block, or the workers cannot meet.

    Args:
      program: name that begins the line that says so.
    """
    try:
        yield
    except Exception as error:
        if find() is None or "tensorflow" not in sys.modules or not _is_about_peers(error):
            raise
        reason = str(error).strip().splitlines()[0]
        print(
            f"{program}: another worker is lost ({type(error).__name__}: {reason}). Start all workers again with the "
            f"same command: they go on from the last checkpoint (exit code {START_AGAIN})",
            file=sys.stderr,
            flush=True,
        )
        # At the usual end, TensorFlow would wait for the lost worker. All files are whole: they are written atomically.
        os._exit(START_AGAIN)


def _is_about_peers(error):
    import tensorflow as tf

    errors = tf.errors
    return isinstance(
        error,
        (
            errors.UnavailableError,
            errors.AbortedError,
            errors.CancelledError,
            errors.DeadlineExceededError,
            errors.FailedPreconditionError,
            errors.InternalError,
            errors.UnknownError,
        ),
    )
