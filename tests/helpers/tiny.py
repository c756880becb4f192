"""A training run small enough for a test: a net of few layers on 32 px signers, a few seconds on a CPU."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tests import conftest
from tests.helpers import nets, warm_process

if TYPE_CHECKING:
    import keras

LIMIT_S = 600  # longest time of a process that a test starts

FLAGS = {
    **nets.SMALL,
    "data": "signers:train:6",
    "test_data": "signers:test:2",
    "signer_frames": 4,
    "signer_size": 64,
    "input_size": "32",
    "batch_size": 4,
    "steps": 12,
    "validate_every": 3,
    "warmup_steps": 2,
    "seed": 5,
}


def arguments(run_dir: str, **changes: Any) -> list[str]:
    """Returns the command line of train.py for a tiny run; `changes` are other values for flags."""
    flags = {**FLAGS, "run_dir": run_dir, **changes}
    return [sys.executable, str(conftest.ROOT / "train.py"), *(f"--{name}={value}" for name, value in flags.items())]


def train(run_dir: str, **changes: Any) -> tuple[dict[str, Any], str]:
    """Trains a tiny run in this process, which saves the seconds that loading TensorFlow takes; or resumes it.

    Args:
      run_dir: folder of the run.
      **changes: other values for flags.

    Returns:
      The figures of `eval/metrics.json`, and the output: what `train.py` with these flags would show.
    """
    from keras_pose.runs.config import TrainConfig
    from keras_pose.training import runner

    lines: list[str] = []
    metrics = runner.train(TrainConfig.from_flags(**{**FLAGS, **changes, "run_dir": run_dir}), lines.append)
    return metrics, "".join(f"{line}\n" for line in lines)


def start(command: Sequence[str], **environment: str) -> warm_process.Process:
    """Starts a command in the project's root; its output can be read from the pipe."""
    # Operations that wait for each other can wait for ever if they share a single thread.
    defaults = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTEROP_THREADS": "4", "PYTHONFAULTHANDLER": "1"}
    return warm_process.start(command, {**os.environ, **defaults, **environment})


def run(command: Sequence[str], **environment: str) -> tuple[int, str]:
    """Runs a command to its end, for at most LIMIT_S; returns (exit code, output)."""
    process = start(command, **environment)
    try:
        output, _ = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)  # shows what its threads are doing
        output, _ = process.communicate(timeout=60)
        output += f"\n(killed after {LIMIT_S} s)"
    return process.returncode, output


def kill_after_checkpoint(run_dir: str, step: int, **changes: Any) -> None:
    """Starts a tiny run and kills it (SIGKILL) at some moment after the checkpoint of `step`."""
    process = start(arguments(run_dir, **changes))
    checkpoint = os.path.join(run_dir, "checkpoints", f"step-{step:08d}.npz")
    deadline = time.monotonic() + 300
    while not os.path.exists(checkpoint):
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.05)  # into the next steps
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)


def checkpoint_arrays(run_dir: str, step: int) -> dict[str, np.ndarray]:
    """Returns the arrays of a checkpoint: weights, optimiser, memory."""
    with np.load(os.path.join(run_dir, "checkpoints", f"step-{step:08d}.npz")) as archive:
        return dict(archive)


def assert_same_arrays(a: Mapping[str, np.ndarray], b: Mapping[str, np.ndarray]) -> None:
    """Checks that two sets of named arrays are equal to the last bit, and not empty."""
    assert a.keys() == b.keys()
    assert len(a) > 3
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


def build_net(num_joints: int, **flags: Any) -> keras.Model:
    """Builds `nets.SMALL`, or the net that flags of `train.py` ask for, with new weights."""
    from keras_pose.models import factory
    from keras_pose.runs.config import TrainConfig

    config = TrainConfig.from_flags(**{**nets.SMALL, "run_dir": "none", "pooling": "parametric", **flags})
    return factory.build_net(config.model, config.window, num_joints)
