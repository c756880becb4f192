"""Scores trained runs: `python evaluate.py --run_dir=runs/quickstart --data=signers:test`."""

import sys

from absl import app
from absl import flags as absl_flags

from keras_pose import console, flags
from keras_pose.config import EvaluateConfig

console.quieten()
flags.define(EvaluateConfig)
absl_flags.adopt_module_key_flags(flags)  # so that --help lists them


def main(arguments):
    if len(arguments) > 1:
        sys.exit(f"evaluate.py: expected flags only, received {arguments[1:]}")
    with console.plain_errors("evaluate.py"):
        config = flags.read(EvaluateConfig)
        from keras_pose.evaluation import runs  # TensorFlow takes seconds to load: flags are checked before

        runs.evaluate(config)


if __name__ == "__main__":
    app.run(main)
