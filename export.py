"""Exports a trained run for a server: `python export.py --run_dir=runs/quickstart`."""

from keras_pose.cli import commands
from keras_pose.exporting.config import ExportConfig


def export(config):
    from keras_pose.exporting import exporter

    exporter.export(config)


if __name__ == "__main__":
    commands.run(ExportConfig, export)
