"""Trains a pose net and evaluates it: `python train.py --flagfile=configs/quickstart.flags`."""

import sys

from absl import app

from keras_pose import console, flags
from keras_pose.config import TrainConfig

console.quieten()
flags.define(TrainConfig)


def main(arguments):
    from keras_pose.training import callbacks, runner

    if len(arguments) > 1:
        sys.exit(f"train.py: expected flags only, received {arguments[1:]}")
    try:
        runner.train(flags.read(TrainConfig))
    except (ValueError, OSError, callbacks.NonFiniteLossError) as error:
        sys.exit(f"train.py: {error}")
    except KeyboardInterrupt:
        print("\ninterrupted; the same command goes on from the last checkpoint", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    app.run(main)
