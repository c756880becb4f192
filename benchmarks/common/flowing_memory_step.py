"""One training step of a net in a process of its own, and the memory it takes, for `benchmarks.flowing_memory`.

`python -m benchmarks.common.flowing_memory_step '{"flags": {…}, "frozen": false}'` prints one line of JSON. Linux only:
the peak is VmHWM of /proc/self/status, set back before the step. (The ru_maxrss of getrusage cannot be set back, and
starts at the size of the process that started this one.)
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import UPPER_BODY

_STATUS, _SET_BACK = "/proc/self/status", "/proc/self/clear_refs"


def main(argv=None):
    """Trains for one step; prints {"before", "peak"} in bytes and {"seconds"}."""
    case = json.loads((argv or sys.argv[1:])[0])
    model, batch = prepare(TrainConfig.from_flags(**case["flags"]), case["frozen"])
    set_peak_back()
    before, start = status_bytes("VmRSS"), time.perf_counter()
    model.train_on_batch(*batch)
    print(json.dumps({"before": before, "peak": status_bytes("VmHWM"), "seconds": time.perf_counter() - start}))


def prepare(config, frozen):
    """Builds a net as `train.py` does, and a batch of noise for it.

    Args:
      config: `TrainConfig`.
      frozen: whether to be in the phase that trains the pooling alone.

    Returns:
      Compiled `keras.Model`; (inputs, targets) of one batch.
    """
    import keras
    import tensorflow as tf

    from keras_pose.models.pose_net import PoseNet
    from keras_pose.training import runner, strategy, trainer

    keras.utils.set_random_seed(0)
    strategy.set_numerics(config.optimisation.seed, config.device.mixed_precision)
    model = runner.build(config, UPPER_BODY)
    PoseNet(model).freeze_frame_net(frozen)
    trainer.compile_model(model, config.optimisation, config.loss, config.device.xla)
    rng = np.random.default_rng(0)
    inputs = {}
    for tensor in model.inputs:
        shape = (config.optimisation.batch_size, *tensor.shape[1:])
        highest = 255 if tensor.name.startswith("frames") else 1
        inputs[tensor.name.split(":")[0]] = tf.constant(rng.random(shape, np.float32) * highest)
    points = rng.random((config.optimisation.batch_size, UPPER_BODY.num_joints, 3), np.float32)
    targets = tf.constant(points * (*config.model.input_size_hw[::-1], 1))
    return model, (inputs, dict.fromkeys(model.output_names, targets))


def set_peak_back():
    """Sets VmHWM of this process to what it holds now."""
    with open(_SET_BACK, "w") as file:
        file.write("5")


def status_bytes(field) -> int:
    """Returns a size of this process, such as VmRSS or VmHWM, in bytes."""
    with open(_STATUS) as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) * 1024


if __name__ == "__main__":
    main()
