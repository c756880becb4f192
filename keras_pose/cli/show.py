"""The command `keras-pose show <run>`: pictures of how a run learns and where it fails, in its page."""

from __future__ import annotations

from collections.abc import Sequence

from absl import flags as absl_flags

from keras_pose import console
from keras_pose.cli import commands
from keras_pose.showing.config import ShowConfig

absl_flags.disclaim_key_flags()  # a flag belongs to the program that runs, whose --help lists it


def main(arguments: Sequence[str], program: str) -> None:
    """Shows a run.

    Args:
      arguments: command line without the program's name; the first one may be the run.
      program: name that begins each error message.
    """
    first = next(iter(arguments), "-")
    if not first.startswith("-"):
        arguments = [f"--run_dir={first}", *arguments[1:]]
    commands.run(ShowConfig, _show, arguments, program)


def _show(config):
    from keras_pose.evaluation import chosen_clips

    evaluation = config.as_evaluation()
    if len(evaluation.run_dirs) > 1:
        raise ValueError(f"--run_dir: expected one run, received {config.run_dir}")
    chosen = chosen_clips.choose(evaluation)
    with console.quiet_import():
        from keras_pose.showing import showing
    showing.show(chosen, config)
