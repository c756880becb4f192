"""Trains a pose net and evaluates it: `python train.py --flagfile=configs/quickstart.flags`."""

from keras_pose.cli import commands
from keras_pose.runs.config import TrainConfig


def train(config):
    from keras_pose.training import runner

    runner.train(config)


if __name__ == "__main__":
    commands.run(TrainConfig, train, "interrupted; the same command resumes from the last checkpoint")
