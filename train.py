"""Trains a pose net and evaluates it: `python train.py --flagfile=configs/quickstart.flags`."""

import sys

from keras_pose.cli import commands

if __name__ == "__main__":
    commands.train(sys.argv[1:], "train.py")
