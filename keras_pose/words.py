"""Parts of messages: a number with its noun, a list cut short, a flag as a shell takes it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence


def count(number: int, noun: str) -> str:
    """Returns `1 row` or `2 rows`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shorten_list(names: Sequence[str], shown: int = 3) -> str:
    """Returns the first names, and how many more there are: `a, b, c and 4 more`."""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


def write_flag(name: str, value: str) -> str:
    """Returns a flag as a shell takes it: `--scorer=Ann`, `--scorer='Ann B'`."""
    return f"--{name}={shlex.quote(value)}"
