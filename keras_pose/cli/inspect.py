"""The command `keras-pose inspect <source>`: what labels contain, and flags to train with on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from absl import flags as absl_flags

from keras_pose import console
from keras_pose.cli import commands
from keras_pose.inspection.config import InspectConfig

absl_flags.disclaim_key_flags()  # a flag belongs to the program that runs, whose --help lists it


def main(arguments: Sequence[str], program: str) -> None:
    """Inspects a source of data.

    Args:
      arguments: command line without the program's name; the first one may be the source, as `--data`.
      program: name that begins each error message.
    """
    first = next(iter(arguments), "-")
    if not first.startswith("-"):
        arguments = [f"--data={first}", *arguments[1:]]

    def work(config):
        from keras_pose.inspection import inspector

        inspector.inspect(config, measure=_measure if config.measure else None)

    commands.run(InspectConfig, work, arguments, program)


def _measure(config, split, skeleton):
    console.show("measuring a few steps of the proposed training …")
    try:
        with console.quiet_import():
            from keras_pose.training import step_time
    except ImportError as error:
        console.show(f"note: the time is not measured: {error}")
        return None
    return step_time.estimate_seconds(config, split, skeleton)
