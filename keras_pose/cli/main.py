"""The command `keras-pose`, the same as `python -m keras_pose`: `keras-pose COMMAND [ARGUMENTS]`.

A command is a function of its arguments and of the name that begins its error messages. Its module is imported only if
the command is run, so `keras-pose doctor` also works in an empty or broken environment.
"""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections.abc import Sequence

import keras_pose

PROGRAM = "keras-pose"
USAGE_ERROR = 2


@dataclasses.dataclass(frozen=True)
class Command:
    """A command of `keras-pose`.

    Args:
      summary: one line for `keras-pose --help`.
      module: name of the module that holds the command.
      function: name of a function of (arguments, program) in it, which returns an exit status or None.
    """

    summary: str
    module: str
    function: str


COMMANDS = {
    "train": Command("Train a pose net and evaluate it.", "keras_pose.cli.commands", "train"),
    "evaluate": Command("Score trained runs on labelled frames.", "keras_pose.cli.commands", "evaluate"),
    "show": Command("Add pictures of training and failures to a run's page.", "keras_pose.cli.show", "main"),
    "predict": Command("Write the poses of videos to files.", "keras_pose.cli.commands", "predict"),
    "export": Command("Export a trained run as a SavedModel.", "keras_pose.cli.commands", "export"),
    "inspect": Command("Show what labels contain and propose flags to train with.", "keras_pose.cli.inspect", "main"),
    "annotate": Command("Label videos with a trained net.", "keras_pose.cli.annotate", "annotate"),
    "prepare": Command("Write labelled data as shards for fast training.", "keras_pose.cli.prepare", "main"),
    "suggest": Command("Suggest the frames of videos to label next.", "keras_pose.cli.suggest", "suggest"),
    "merge": Command("Merge corrected labels into a project.", "keras_pose.cli.suggest", "merge"),
    "import-caffe": Command("Make a run of published Caffe weights.", "keras_pose.cli.import_caffe", "main"),
    "serve": Command("Serve exported models on this machine.", "serving.local_server.__main__", "main"),
    "doctor": Command("Check the installation and say how to repair it.", "keras_pose.cli.doctor", "main"),
}


def format_help() -> str:
    """Returns the text of `keras-pose --help`."""
    width = max(map(len, COMMANDS))
    return "\n".join(
        [
            f"usage: {PROGRAM} COMMAND [ARGUMENTS]",
            "",
            "commands:",
            *(f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items()),
            "",
            f"`{PROGRAM} COMMAND --help` lists the arguments of a command, `{PROGRAM} --version` prints the version.",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int | None:
    """Runs a command.

    Args:
      arguments: command line without the program's name; None: that of this process.

    Returns:
      The exit status; None: success.
    """
    name, *rest = (sys.argv[1:] if arguments is None else arguments) or [""]
    if name in ("--help", "-h", "help"):
        print(format_help())
        return 0
    if name == "--version":
        print(f"{PROGRAM} {keras_pose.__version__}")
        return 0
    if name not in COMMANDS:
        received = repr(name) if name else "none"
        print(f"{PROGRAM}: expected a command ({', '.join(COMMANDS)}), received {received}", file=sys.stderr)
        print(f"`{PROGRAM} --help` describes them.", file=sys.stderr)
        return USAGE_ERROR

    command = COMMANDS[name]
    program = f"{PROGRAM} {name}"
    # The --help of absl shows the docstring of __main__, and the flags of the program that sys.argv names.
    sys.argv = [program, *rest]
    sys.modules["__main__"].__doc__ = f"{command.summary}\n\nusage: {program} [FLAGS]\n"
    function = getattr(importlib.import_module(command.module), command.function)
    if "absl.flags" in sys.modules:
        sys.modules["absl.flags"].disclaim_key_flags()  # the flags belong to the program, not to this module
    return function(rest, program)
