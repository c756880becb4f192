"""The commands of the way back to labels: `keras-pose suggest` and `keras-pose merge`."""

from __future__ import annotations

from collections.abc import Sequence

from absl import flags as absl_flags

from keras_pose.cli import commands
from keras_pose.labelling.config import MergeConfig, SuggestConfig

absl_flags.disclaim_key_flags()  # a flag belongs to the program that runs, whose --help lists it


def suggest(arguments: Sequence[str], program: str) -> None:
    """Suggests frames to label.

    Args:
      arguments: command line without the program's name.
      program: name that begins each error message.
    """

    def work(config):
        from keras_pose.labelling import suggest_checks, suggesting

        suggesting.suggest(config, suggest_checks.check(config))

    commands.run(
        SuggestConfig,
        work,
        arguments,
        program,
        lambda: "interrupted: the same command goes on where it was",
    )


def merge(arguments: Sequence[str], program: str) -> None:
    """Merges corrected labels into a project. Args as for `suggest`."""

    def work(config):
        from keras_pose.labelling import merging

        merging.merge(config)

    commands.run(MergeConfig, work, arguments, program)
