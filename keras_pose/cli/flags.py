"""Command-line flags of a configuration: `define` makes the absl flags, `read` the checked configuration."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from absl import flags

from keras_pose import options

flags.disclaim_key_flags()  # a flag belongs to the program that runs, whose --help lists it

Config = TypeVar("Config")


def define(config_class: type) -> None:
    """Defines an absl flag for each flag of a configuration and of its parts."""
    makers: dict[type, Any] = {
        bool: flags.DEFINE_bool,
        int: flags.DEFINE_integer,
        float: flags.DEFINE_float,
        str: flags.DEFINE_string,
    }
    for flag in options.flags_of(config_class):
        make: Callable[..., Any] = flags.DEFINE_multi_string if flag.repeats else makers[flag.kind]
        make(flag.name, None if flag.required else flag.field.default, flag.help)


def check_flagfiles(arguments: Sequence[str]) -> None:
    """Checks that the files of --flagfile exist and are text in UTF-8, as absl reads them.

    Args:
      arguments: command line without the program's name.

    Raises:
      ValueError: names the file that does not, or is not.
    """
    for argument, following in zip(arguments, [*arguments[1:], ""]):
        if argument == "--":
            return
        name, equals, value = argument.partition("=")
        path = value if equals else following
        if name not in ("--flagfile", "-flagfile") or not path:
            continue
        if not os.path.isfile(os.path.expanduser(path)):
            raise ValueError(f"--flagfile: expected a file of flags, one per line, found no file {path}")
        try:
            with open(os.path.expanduser(path), encoding="utf-8") as file:
                file.read()
        except UnicodeDecodeError as error:
            raise ValueError(f"--flagfile: {path}: expected flags as text in UTF-8, but {error.reason}") from error


def read(config_class: type[Config]) -> Config:
    """Returns the configuration that the parsed flags ask for.

    Raises:
      ValueError: for a value out of its range, or a flag that must be given and is not; the message names the flag.
    """
    values = {}
    for flag in options.flags_of(config_class):
        value: Any = flags.FLAGS[flag.name].value
        # An empty value of a flag that must be given counts as missing.
        if value or not flag.required:
            values[flag.name] = tuple(value) if flag.repeats else value
    return options.build(config_class, values)
