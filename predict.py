"""Writes the poses of videos to files: `python predict.py --run_dir=runs/mine --video=clips`."""

import sys

from keras_pose.cli import commands

if __name__ == "__main__":
    commands.predict(sys.argv[1:], "predict.py")
