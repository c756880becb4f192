"""JSON values as text: short in messages, or in full and indented, as TensorFlow Serving writes them."""

from __future__ import annotations

import itertools
import json
from typing import Any

INDENT = "    "


_TYPE_NAMES = {dict: "Object", list: "Array", str: "String", int: "Number", float: "Number", type(None): "Null"}


class Literal(str):
    """Text that is written as it is, without quotation marks: a number that is already formatted."""


def format_json(value: Any, longest: int = 120) -> str:
    """Returns a JSON value as text for a message, shortened to about `longest` characters."""
    if isinstance(value, list) and len(value) > 8:
        value = [*value[:8], "..."]
    if isinstance(value, str):
        text = json.dumps(value[:longest])
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{json.dumps(key[:longest])}: …" for key in itertools.islice(value, 8)) + "}"
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**256:
        text = "a number of more than 256 bits"
    elif isinstance(value, list):
        text = "[" + ", ".join(format_json(item, 20) if not isinstance(item, list) else "[…]" for item in value) + "]"
    else:
        text = json.dumps(value)
    return text if len(text) <= longest + 2 else text[:longest] + "…"


def indent_json(value: Any, level: int = 0, one_line: bool = False) -> str:
    """Returns a JSON value as indented text, in the layout of RapidJSON's PrettyWriter.

    Args:
      value: lists, dictionaries, strings, numbers, and `Literal`s, which are written as they are.
      level: depth of the value: how far its end is indented.
      one_line: whether the items of lists stay on one line.

    Raises:
      RecursionError: if the value has about a thousand nested levels.
    """
    end = "\n" + INDENT * level
    if isinstance(value, dict):
        members = [f"{write_string(key)}: {indent_json(item, level + 1, one_line)}" for key, item in value.items()]
        return "{" + ",".join(end + INDENT + member for member in members) + (end if members else "") + "}"
    if isinstance(value, list):
        items = [indent_json(item, level + 1, one_line) for item in value]
        if one_line or not items:
            return "[" + ", ".join(items) + "]"
        return "[" + ",".join(end + INDENT + item for item in items) + end + "]"
    if isinstance(value, Literal):
        return str(value)
    return write_string(value) if isinstance(value, str) else json.dumps(value)


def write_string(text: str) -> str:
    """Returns a JSON string; only what JSON requires is escaped."""
    return json.dumps(text, ensure_ascii=False)


def type_of(value: Any) -> str:
    """Returns the name of a JSON value's type in messages: "Number", "True", …"""
    return str(value) if isinstance(value, bool) else _TYPE_NAMES[type(value)]
