"""Scores trained runs: `python evaluate.py --run_dir=runs/quickstart --data=signers:test`."""

import sys

from keras_pose.cli import commands

if __name__ == "__main__":
    commands.evaluate(sys.argv[1:], "evaluate.py")
