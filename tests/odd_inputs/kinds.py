"""What a kind of odd input is: how to write it, and what this project does with it."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable
from typing import Any

USED = "used"
NOTED = "used with a note"
REFUSED = "refused"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of odd input.

    Args:
      name: its name, also that of the folder that it is written to.
      odd: what is odd about it.
      outcome: `USED`, `NOTED` or `REFUSED`.
      text: what the note or the message contains; empty: there is no note.
      write: function of an empty folder that writes the input, and returns the path to hand over.
      facts: what a reader must find in it, such as {"frames": 12}.
    """

    name: str
    odd: str
    outcome: str
    text: str
    write: Callable[[pathlib.Path], pathlib.Path]
    facts: dict[str, Any]

    @property
    def expected(self) -> str:
        """The outcome in words."""
        return {
            USED: "used",
            NOTED: f"used with a note that contains “{self.text}”",
            REFUSED: f"refused with a message that contains “{self.text}”",
        }[self.outcome]


class Kinds:
    """Kinds in the order in which their functions stand in a module."""

    def __init__(self) -> None:
        self.all: list[Kind] = []

    def used(self, odd: str, **facts: Any) -> Callable:
        """Declares the function below it: it writes an input that is used without a word."""
        return self._declare(odd, USED, "", facts)

    def noted(self, odd: str, text: str, **facts: Any) -> Callable:
        """Declares the function below it: it writes an input that is used, and a note contains `text`."""
        return self._declare(odd, NOTED, text, facts)

    def refused(self, odd: str, text: str, **facts: Any) -> Callable:
        """Declares the function below it: it writes an input that is refused, and the message contains `text`."""
        return self._declare(odd, REFUSED, text, facts)

    def _declare(self, odd, outcome, text, facts):
        def declare(write):
            self.all.append(Kind(write.__name__, odd, outcome, text, write, facts))
            return write

        return declare

    def names(self) -> list[str]:
        """The names, for the ids of tests."""
        return [kind.name for kind in self.all]
