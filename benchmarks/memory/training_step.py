"""One training step of a net in a process of its own, and the memory it takes.

`python -m benchmarks.memory.training_step '{"flags": {…}, "frozen": false}'` prints one line of JSON. Linux only: the
peak is VmHWM of /proc/self/status, which is reset before the step. (The ru_maxrss of getrusage cannot be reset, and
starts at the size of the parent process.)
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_pose.models.pose_net import PoseNet
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import UPPER_BODY
from keras_pose.training import runner, strategy, trainer

_STATUS = "/proc/self/status"
_RESET_PEAK = "/proc/self/clear_refs"


def main(argv: Sequence[str] | None = None) -> None:
    """Trains for one step; prints {"before", "peak"} in bytes and {"seconds"}."""
    case = json.loads((argv or sys.argv[1:])[0])
    model, batch = prepare_step(TrainConfig.from_flags(**case["flags"]), case["frozen"])
    reset_peak()
    before = status_bytes("VmRSS")
    start = time.perf_counter()
    model.train_on_batch(*batch)
    seconds = time.perf_counter() - start
    print(json.dumps({"before": before, "peak": status_bytes("VmHWM"), "seconds": seconds}))


def prepare_step(config: TrainConfig, frozen: bool) -> tuple[keras.Model, tuple[dict[str, Any], dict[str, Any]]]:
    """Builds a net as `train.py` does, and a batch of noise for it.

    Args:
      config: configuration of the training.
      frozen: whether to be in the phase that trains only the pooling.

    Returns:
      Compiled net; (inputs, targets) of one batch.
    """
    keras.utils.set_random_seed(0)
    strategy.set_numerics(config.optimisation.seed, config.device.mixed_precision)
    model = runner.build(config, UPPER_BODY)
    PoseNet(model).freeze_frame_net(frozen)
    trainer.compile_model(model, config.optimisation, config.loss, config.device.xla)
    # Fill each input with noise in its range: frames 0 to 255, everything else 0 to 1.
    rng = np.random.default_rng(0)
    batch_size = config.optimisation.batch_size
    inputs = {}
    for tensor in model.inputs:
        highest = 255 if tensor.name.startswith("frames") else 1
        noise = rng.random((batch_size, *tensor.shape[1:]), np.float32)
        inputs[tensor.name.split(":")[0]] = tf.constant(noise * highest)
    points = rng.random((batch_size, UPPER_BODY.num_joints, 3), np.float32)
    targets = tf.constant(points * (*config.model.input_size_hw[::-1], 1))
    return model, (inputs, dict.fromkeys(PoseNet(model).output_names(), targets))


def reset_peak() -> None:
    """Sets VmHWM of this process to its present size."""
    with open(_RESET_PEAK, "w") as file:
        file.write("5")


def status_bytes(field: str) -> int:
    """Returns a size of this process, such as VmRSS or VmHWM, in bytes."""
    with open(_STATUS) as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) * 1024


if __name__ == "__main__":
    main()
