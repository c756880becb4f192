"""Configurations as dataclasses whose fields are flags: each declared, checked and explained in one place.

    @dataclasses.dataclass(frozen=True)
    class WindowConfig:
        num_neighbours: int = option(5, "Neighbours on each side.", flag="window", at_least=1)

    @dataclasses.dataclass(frozen=True)
    class TrainConfig:
        run_dir: str = option(None, "Folder to write the run to.")
        window: WindowConfig = part(WindowConfig)

A configuration can have parts, so that a function can take only the part it needs. Flags stay flat: every flag has a
unique name, whichever part its field belongs to. `build` makes a configuration from flag names and values, and `values`
is the inverse. `write` and `load` store a configuration in a flagfile. `cli.flags` makes command-line flags of it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import keras_pose
from keras_pose import files

Config = TypeVar("Config")

_SHOWN_CHARACTERS = 200
_MOST_DIGITS = 30  # of a whole number
_FLAG_NAME = re.compile(r"--(\w+)")
# What decides whether a flag may have another value when a run is resumed.
SAME = "same"  # it changes what is learnt: it must have the same value
DATA = "data"  # it says where the data is or how it is read: the labels, pictures and split must be the same
START = "start"  # it names a file to start from: its content must be the same
LENGTH = "length"  # it says how long the run is, or when it ends
FREE = "free"  # it changes where, how fast or with which messages a run is computed
RESUME_RULES = (SAME, DATA, START, LENGTH, FREE)


@dataclasses.dataclass(frozen=True)
class Flag:
    """A flag of a configuration.

    Args:
      name: its name on the command line, without dashes.
      part: name of the part that its field belongs to; empty for the configuration itself.
      field: the field of the dataclass.
    """

    name: str
    part: str
    field: dataclasses.Field

    @property
    def required(self) -> bool:
        """Whether the flag must be given because it has no default."""
        return self.field.default is dataclasses.MISSING

    @property
    def kind(self) -> type:
        """The type of its values: bool, int, float or str."""
        return str if self.required else type(self.field.default)

    @property
    def repeats(self) -> bool:
        """Whether the flag can be given several times."""
        return self.field.metadata["repeats"]

    @property
    def resume(self) -> str:
        """Whether the flag may have another value when a run is resumed, one of `RESUME_RULES`."""
        return self.field.metadata["resume"]

    @property
    def help(self) -> str:
        """Unit and consequence, for --help."""
        choices = self.field.metadata["choices"]
        return self.field.metadata["help"] + (f" One of: {', '.join(choices)}." if choices else "")


def option(
    default: Any,
    help_text: str,
    *,
    flag: str | None = None,
    choices: Sequence[str] = (),
    at_least: float | None = None,
    at_most: float | None = None,
    repeats: bool = False,
    resume: str = SAME,
) -> Any:
    """Declares a field of a configuration.

    Args:
      default: bool, int, float or str; its type is the type of the flag. None: a str that must be given.
      help_text: unit and consequence, shown by --help.
      flag: name of the flag; by default the name of the field.
      choices: the allowed values; empty: any.
      at_least, at_most: bounds of a number.
      repeats: whether a str can be given several times on the command line; its value is then a tuple of str.
      resume: whether the flag may have another value when a run is resumed, one of `RESUME_RULES`.
    """
    metadata = {
        "help": help_text,
        "flag": flag,
        "choices": tuple(choices),
        "at_least": at_least,
        "at_most": at_most,
        "repeats": repeats,
        "resume": resume,
    }
    if default is None:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def part(config_class: type) -> Any:
    """Declares a field that is a configuration itself; all its flags must have defaults.

    Args:
      config_class: dataclass of `option` fields.
    """
    return dataclasses.field(default_factory=config_class, metadata={"part": config_class})


def flags_of(config_class: type, part_name: str = "") -> list[Flag]:
    """Returns the flags of a configuration and of its parts, in the order of the fields.

    Args:
      config_class: dataclass of `option` and `part` fields.
      part_name: name of the part that the class is; empty for the whole configuration.
    """
    found: list[Flag] = []
    for field in dataclasses.fields(config_class):  # type: ignore[arg-type]
        if "part" in field.metadata:
            found += flags_of(field.metadata["part"], field.name)
        else:
            found.append(Flag(field.metadata["flag"] or field.name, part_name, field))
    return found


def build(config_class: type[Config], values: Mapping[str, Any]) -> Config:
    """Makes a configuration.

    Args:
      config_class: dataclass of `option` and `part` fields.
      values: values by name of the flag; missing flags have their defaults.

    Raises:
      ValueError: for an unknown flag or an invalid value; the message names the flag.
    """
    # Sort the values by the part that they belong to.
    known = {flag.name: flag for flag in flags_of(config_class)}
    arguments: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"--{name}: expected one of the flags {', '.join(known)}")
        arguments.setdefault(known[name].part, {})[known[name].field.name] = value
    # Make the parts, then the whole.
    for flag in known.values():
        if flag.required and flag.name not in values:
            raise ValueError(f"--{flag.name}: must be given. {flag.help}")
    own = arguments.pop("", {})
    for field in dataclasses.fields(config_class):  # type: ignore[arg-type]
        if field.name in arguments:
            own[field.name] = field.metadata["part"](**arguments[field.name])
    return config_class(**own)


def values(config: Any) -> dict[str, Any]:
    """Returns the value of every flag, by the name of the flag."""
    return {
        flag.name: getattr(getattr(config, flag.part) if flag.part else config, flag.field.name)
        for flag in flags_of(type(config))
    }


def replace(config: Config, **changes: Any) -> Config:
    """Returns a configuration with other values for some flags.

    Args:
      config: a configuration.
      **changes: values by name of the flag.
    """
    return build(type(config), {**values(config), **changes})


def check(config: Any) -> None:
    """Checks the fields of a configuration, without its parts, against their declared choices and bounds.

    Args:
      config: a configuration.

    Raises:
      ValueError: names the flag, what was expected and what was received.
    """
    for flag in flags_of(type(config)):
        if flag.part:
            continue
        value = getattr(config, flag.field.name)
        rules = flag.field.metadata
        if isinstance(value, str) and len(value.splitlines()) > 1:  # a flagfile has one line for each flag
            raise ValueError(f"--{flag.name}: expected one line, received {value!r}")
        if rules["choices"] and value not in rules["choices"]:
            raise ValueError(f"--{flag.name}: expected one of {', '.join(rules['choices'])}, received {value!r}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"--{flag.name}: expected a finite number, received {value}")
        if rules["at_least"] is not None and value < rules["at_least"]:
            raise ValueError(f"--{flag.name}: expected at least {rules['at_least']}, received {value}")
        if rules["at_most"] is not None and value > rules["at_most"]:
            raise ValueError(f"--{flag.name}: expected at most {rules['at_most']}, received {value}")


def write(config: Any, path: str | os.PathLike[str]) -> None:
    """Writes a configuration as a flagfile, one flag per line, in the order of the fields."""
    lines = [f"--{name}={_to_text(value)}" for name, value in values(config).items()]
    files.write_text(path, "\n".join(lines) + "\n")


def load(config_class: type[Config], path: str | os.PathLike[str]) -> Config:
    """Reads a flagfile that `write` wrote.

    Raises:
      ValueError: for a line that is not a flag of this configuration, or an invalid value; the message names file and
        line.
    """
    known = {flag.name: flag for flag in flags_of(config_class)}
    found = {}
    places = {}
    for number, line in enumerate(files.read_text(path).split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        # Spaces at the end belong to the value: a path may end with them.
        name, separator, text = line.lstrip().removeprefix("--").partition("=")
        if not separator or name not in known:
            other = f"; did another version of keras_pose write it? This is {keras_pose.__version__}"
            raise ValueError(
                f"{path}:{number}: expected --<flag>=<value> of a known flag, received {shorten(line.strip())}"
                + (other if separator else "")
            )
        places[name] = f"{path}:{number}"
        found[name] = _from_text(text, known[name], places[name])
    with naming_places(places, otherwise=os.fspath(path)):
        return build(config_class, found)


@contextlib.contextmanager
def naming_places(places: Mapping[str, str], otherwise: str = "") -> Iterator[None]:
    """Puts the place that a value was read from in front of the message of an error about its flag.

    Args:
      places: file and line by name of the flag.
      otherwise: what to put in front if the message begins with no flag of a known place; empty: nothing.

    Raises:
      ValueError: instead of another, `<place>: --<flag>: expected …`.
    """
    try:
        yield
    except ValueError as error:
        # A message begins with the flags that it is about.
        flags = _FLAG_NAME.findall(str(error).partition(": ")[0]) if str(error).startswith("--") else []
        place = next((places[flag] for flag in flags if flag in places), otherwise)
        if not place:
            raise
        raise ValueError(f"{place}: {error}") from error


def parse_changes(config_class: type, changes: Sequence[str], place: str) -> dict[str, Any]:
    """Parses texts such as "steps=500" to {"steps": 500}, as lines of a flagfile without the dashes.

    Args:
      config_class: dataclass of `option` and `part` fields.
      changes: `<flag>=<value>`; the last one of a flag counts.
      place: where they come from, for messages.

    Raises:
      ValueError: for a text without "=", an unknown flag, or a value of another type.
    """
    known = {flag.name: flag for flag in flags_of(config_class)}
    found = {}
    for change in changes:
        name, separator, text = change.removeprefix("--").partition("=")
        if not separator or name not in known:
            raise ValueError(f"{place}: expected <flag>=<value> of a known flag, received {shorten(change)}")
        found[name] = _from_text(text, known[name], place)
    return found


def _to_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def _from_text(text, flag, place):
    try:
        if flag.kind is int and len(text) > _MOST_DIGITS:
            raise ValueError("too many digits")
        return {"true": True, "false": False}[text] if flag.kind is bool else flag.kind(text)
    except (KeyError, ValueError) as error:
        expected = flag.kind.__name__
        raise ValueError(f"{place}: --{flag.name}: expected {expected}, received {shorten(text)}") from error


def shorten(text: str) -> str:
    """Returns a text in quotes for a message, without the end of a very long one."""
    return repr(text) if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]!r}…"
