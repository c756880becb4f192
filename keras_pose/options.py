"""Command-line flags from configuration dataclasses: a field is a flag, declared, checked and explained in one place.

    @dataclasses.dataclass(frozen=True)
    class Config:
        batch_size: int = option(32, "Frames a step.", at_least=1)

`define(Config)` makes the absl flags, `read(Config)` the checked dataclass, `write(config, path)` a flagfile that
reads back as the same configuration.
"""

from __future__ import annotations

import dataclasses
import math

from absl import flags

from keras_pose import files

flags.disclaim_key_flags()  # as in `commands`


def option(default, help_text, *, choices=(), at_least=None, at_most=None):
    """Declares a field of a configuration.

    Args:
      default: bool, int, float or str; its type is the flag's type. None: a str that must be given.
      help_text: unit and consequence, shown by --help.
      choices: the values allowed; empty for any.
      at_least, at_most: bounds of a number.
    """
    checks = {"help": help_text, "choices": tuple(choices), "at_least": at_least, "at_most": at_most}
    if default is None:
        return dataclasses.field(metadata=checks)
    return dataclasses.field(default=default, metadata=checks)


def define(config_class):
    """Defines an absl flag for each field of a configuration dataclass."""
    makers = {bool: flags.DEFINE_bool, int: flags.DEFINE_integer, float: flags.DEFINE_float, str: flags.DEFINE_string}
    for field in dataclasses.fields(config_class):
        required = field.default is dataclasses.MISSING
        default = None if required else field.default
        help_text = field.metadata["help"]
        if field.metadata["choices"]:
            help_text += f" One of: {', '.join(field.metadata['choices'])}."
        makers[str if required else type(default)](field.name, default, help_text)


def read(config_class):
    """Returns the configuration that the parsed flags ask for.

    Raises:
      ValueError: for a value out of its range, or a flag that has to be given and is not; the message names the flag.
    """
    values = {field.name: flags.FLAGS[field.name].value for field in dataclasses.fields(config_class)}
    for field in dataclasses.fields(config_class):
        if field.default is dataclasses.MISSING and not values[field.name]:
            raise ValueError(f"--{field.name}: has to be given. {field.metadata['help']}")
    return config_class(**values)


def check(config):
    """Checks every field of a configuration against its declared choices and bounds.

    Raises:
      ValueError: names the flag, what was expected and what was received.
    """
    for field in dataclasses.fields(config):
        value, rules = getattr(config, field.name), field.metadata
        if rules["choices"] and value not in rules["choices"]:
            raise ValueError(f"--{field.name}: expected one of {', '.join(rules['choices'])}, received {value!r}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"--{field.name}: expected a finite number, received {value}")
        if rules["at_least"] is not None and value < rules["at_least"]:
            raise ValueError(f"--{field.name}: expected at least {rules['at_least']}, received {value}")
        if rules["at_most"] is not None and value > rules["at_most"]:
            raise ValueError(f"--{field.name}: expected at most {rules['at_most']}, received {value}")


def write(config, path):
    """Writes a configuration as a flagfile, one flag a line, in the order of the fields."""
    lines = [f"--{field.name}={_to_text(getattr(config, field.name))}" for field in dataclasses.fields(config)]
    files.write_text(path, "\n".join(lines) + "\n")


def load(config_class, path):
    """Reads a flagfile that `write` wrote.

    Raises:
      ValueError: for a line that is no flag of this configuration; the message names file and line.
    """
    fields = {field.name: field for field in dataclasses.fields(config_class)}
    values = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            name, separator, text = line.strip().removeprefix("--").partition("=")
            if not separator or name not in fields:
                raise ValueError(
                    f"{path}:{number}: expected --<flag>=<value> of a known flag, received {line.strip()!r}"
                )
            values[name] = _from_text(text, fields[name], f"{path}:{number}")
    return config_class(**values)


def _to_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def _from_text(text, field, place):
    if field.default is dataclasses.MISSING or isinstance(field.default, str):
        return text
    kind = type(field.default)
    try:
        return {"true": True, "false": False}[text] if kind is bool else kind(text)
    except (KeyError, ValueError) as error:
        raise ValueError(f"{place}: --{field.name}: expected {kind.__name__}, received {text!r}") from error
