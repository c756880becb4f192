"""The command `keras-pose prepare`: labelled data to shards, or a check of shards."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from absl import flags as absl_flags

from keras_pose import console
from keras_pose.cli import commands
from keras_pose.sharding.config import PrepareConfig

absl_flags.disclaim_key_flags()  # a flag belongs to the program that runs, whose --help lists it


def main(arguments: Sequence[str], program: str) -> None:
    """Prepares or checks shards.

    Args:
      arguments: command line without the program's name.
      program: name that begins each error message.
    """

    def work(config):
        if config.check:
            from keras_pose.sharding import checking

            if checking.check(config.check, config.num_workers):
                sys.exit(1)
            return
        from keras_pose.sharding import preparing

        with preparing.prepare(config) as prepared:
            if prepared.is_finished:
                return
            with console.quiet_import():
                from keras_pose.sharding import writing
            writing.write_shards(prepared)

    commands.run(
        PrepareConfig,
        work,
        arguments,
        program,
        lambda: "interrupted: the same command goes on where it was",
    )
