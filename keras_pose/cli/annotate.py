"""The command `keras-pose annotate`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from absl import flags as absl_flags

from keras_pose import console
from keras_pose.annotating.config import AnnotateConfig
from keras_pose.cli import commands

absl_flags.disclaim_key_flags()  # a flag belongs to the program that runs, whose --help lists it


def annotate(arguments: Sequence[str], program: str) -> None:
    """Labels videos with a teacher.

    Args:
      arguments: command line without the program's name.
      program: name that begins each error message.
    """

    def work(config):
        from keras_pose.annotating import checks

        videos = checks.check(config)
        console.show(f"loading {config.teacher}")
        with console.quiet_import():
            from keras_pose.annotating import many_videos
        if many_videos.annotate(config, videos):
            sys.exit(1)

    def describe_interruption():
        from keras_pose.annotating import checks

        out_dir = absl_flags.FLAGS["out_dir"].value
        return checks.describe_interruption(out_dir) if out_dir else "interrupted"

    commands.run(AnnotateConfig, work, arguments, program, describe_interruption)
