"""Command-line flags of a configuration: `define` makes the absl flags, `read` the checked configuration."""

from __future__ import annotations

import copy
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


def check_flagfiles(arguments: Sequence[str]) -> dict[str, str]:
    """Checks the files of --flagfile line by line, so that an error can name the line.

    Args:
      arguments: command line without the program's name.

    Returns:
      File and line, as `<path>:<number>`, of each flag whose value is from a file, by its name.

    Raises:
      ValueError: for a file that does not exist or is no text in UTF-8, as absl reads them, or a line that is no flag
        or has a value of another type; the message names file and line.
    """
    places: dict[str, str] = {}
    scratch = copy.deepcopy(flags.FLAGS)
    for argument, following in zip(arguments, [*arguments[1:], ""]):
        if argument == "--":
            break
        if (path := _flagfile(argument, following)) is not None:
            _check_flagfile(path, scratch, places, ())
        elif argument.startswith("-"):  # the last value of a flag counts
            places.pop(_flag_name(argument), None)
    return places


def _flagfile(argument, following=""):
    """The path of the file if an argument or line is --flagfile; otherwise None."""
    name, equals, value = argument.partition("=")
    path = value.strip() if equals else following
    return os.path.expanduser(path) if name in ("--flagfile", "-flagfile") and path else None


def _flag_name(argument):
    name = argument.lstrip("-").partition("=")[0]
    return name if name in flags.FLAGS else name.removeprefix("no")


def _check_flagfile(path, scratch, places, inside):
    if path in inside:  # absl warns of it
        return
    if not os.path.isfile(path):
        raise ValueError(f"--flagfile: expected a file of flags, one per line, found no file {path}")
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"--flagfile: {path}: expected flags as text in UTF-8, but {error.reason}") from error
    for number, line in enumerate(lines, 1):
        place = f"{path}:{number}"
        if (inner := _flagfile(line)) is not None:
            _check_flagfile(inner, scratch, places, (*inside, path))
        elif line.strip() and not line.startswith(("#", "//")):
            _check_line(line.strip(), place, scratch)
            places[_flag_name(line.strip())] = place


def _check_line(line, place, scratch):
    """Checks a line as absl does, in a copy of the flags."""
    name, _, value = line.lstrip("-").partition("=")
    try:
        left_over = scratch(["", line])[1:]
    except flags.IllegalFlagValueError as error:
        kind = scratch[name].flag_type()
        raise ValueError(f"{place}: --{name}: expected {kind}, received {options.shorten(value)}") from error
    except flags.Error as error:
        raise ValueError(f"{place}: {error}") from error
    if left_over:
        raise ValueError(f"{place}: expected --<flag>=<value>, received {options.shorten(line)}")


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
