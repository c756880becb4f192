"""Trains a pose net and evaluates it: `python train.py --flagfile=configs/quickstart.flags`."""

import sys

from absl import app
from absl import flags as absl_flags

from keras_pose import console, flags
from keras_pose.config import TrainConfig

console.quieten()
flags.define(TrainConfig)
absl_flags.adopt_module_key_flags(flags)  # so that --help lists them


def main(arguments):
    if len(arguments) > 1:
        sys.exit(f"train.py: expected flags only, received {arguments[1:]}")
    with console.plain_errors("train.py", "interrupted; the same command goes on from the last checkpoint"):
        config = flags.read(TrainConfig)
        from keras_pose.training import runner  # TensorFlow takes seconds to load: flags are checked before

        runner.train(config)


if __name__ == "__main__":
    app.run(main)
