"""A training run small enough for a test: a narrow net on 32 px signers, a few seconds on a CPU."""

import os
import signal
import subprocess
import sys

import numpy as np

from tests import conftest

LIMIT_S = 600  # of a process that a test starts

FLAGS = {
    "data": "signers:train:6",
    "test_data": "signers:test:2",
    "signer_frames": 4,
    "signer_size": 64,
    "input_size": "32",
    "width": 0.25,
    "batch_size": 4,
    "steps": 12,
    "validate_every": 3,
    "warmup_steps": 2,
    "seed": 5,
}


def arguments(run_dir, **changes):
    """Returns the command line of train.py for a tiny run."""
    flags = {**FLAGS, "run_dir": run_dir, **changes}
    return [sys.executable, str(conftest.ROOT / "train.py"), *(f"--{name}={value}" for name, value in flags.items())]


def start(command, **environment):
    """Starts a command in the project's root; its output can be read from the pipe."""
    # Operations of a training that wait for each other could wait for ever if they shared a single thread.
    defaults = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTEROP_THREADS": "4", "PYTHONFAULTHANDLER": "1"}
    return subprocess.Popen(
        command,
        cwd=conftest.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **defaults, **environment},
    )


def run(command, **environment):
    """Runs a command to its end, but for LIMIT_S at the most; returns (exit code, output)."""
    process = start(command, **environment)
    try:
        output, _ = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)  # shows where its threads stand
        output, _ = process.communicate(timeout=60)
        output += f"\n(killed after {LIMIT_S} s)"
    return process.returncode, output


def checkpoint_arrays(run_dir, step):
    """Returns the arrays of a checkpoint: weights, optimiser, memory."""
    with np.load(os.path.join(run_dir, "checkpoints", f"step-{step:08d}.npz")) as archive:
        return dict(archive)


def build_net(num_joints, **flags):
    """Builds the net that flags of `train.py` ask for, freshly initialised."""
    from keras_pose.models import factory
    from keras_pose.runs.config import TrainConfig

    config = TrainConfig.from_flags(**{"run_dir": "none", **flags})
    return factory.build_net(config.model, config.window, num_joints)
