"""Scores trained runs: `python evaluate.py --run_dir=runs/quickstart --data=signers:test`."""

from keras_pose.cli import commands
from keras_pose.evaluation.config import EvaluateConfig


def evaluate(config):
    from keras_pose.evaluation import scoring

    scoring.evaluate(config)


if __name__ == "__main__":
    commands.run(EvaluateConfig, evaluate)
