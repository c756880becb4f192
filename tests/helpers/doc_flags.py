"""The flags that the commands of this project have, for a check of those that documents name."""

from __future__ import annotations

import argparse
import importlib
from typing import Any
from unittest import mock

from keras_pose import options
from keras_pose.cli import commands, main


class _EndedError(Exception):
    """Ends a command at its parser. `parser` is the argparse parser."""

    def __init__(self, parser: argparse.ArgumentParser):
        super().__init__()
        self.parser = parser


def list_argparse_flags(name: str) -> set[str]:
    """Returns the flags of a module whose `main` uses argparse, such as {"--quick"}."""

    def end(parser, args=None, namespace=None):
        raise _EndedError(parser)

    module = importlib.import_module(name)
    with mock.patch.object(argparse.ArgumentParser, "parse_args", end):
        try:
            module.main([])
        except _EndedError as parsed:
            return set(parsed.parser._option_string_actions)
    raise AssertionError(f"{name}: main did not parse its arguments")


def list_config_flags() -> dict[str, Any]:
    """Returns the flags of all commands of `keras-pose` that have configurations, as `options.Flag` by name."""
    found: dict[str, Any] = {}

    def keep(config_class, *rest):
        found.update({flag.name: flag for flag in options.flags_of(config_class)})

    with mock.patch.object(commands, "run", keep):
        for command in main.COMMANDS.values():
            if command.module.startswith("keras_pose.cli") and "doctor" not in command.module:
                getattr(importlib.import_module(command.module), command.function)([], "program")
    return found
