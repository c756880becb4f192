"""Scores trained runs: `python evaluate.py --run_dir=runs/quickstart --data=signers:test`."""

import sys

from absl import app

from keras_pose import console, flags
from keras_pose.config import EvaluateConfig

console.quieten()
flags.define(EvaluateConfig)


def main(arguments):
    from keras_pose.evaluation import runs

    if len(arguments) > 1:
        sys.exit(f"evaluate.py: expected flags only, received {arguments[1:]}")
    try:
        runs.evaluate(flags.read(EvaluateConfig))
    except (ValueError, OSError) as error:
        sys.exit(f"evaluate.py: {error}")


if __name__ == "__main__":
    app.run(main)
