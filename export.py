"""Exports a trained run for a server: `python export.py --run_dir=runs/quickstart`."""

import sys

from keras_pose.cli import commands

if __name__ == "__main__":
    commands.export(sys.argv[1:], "export.py")
