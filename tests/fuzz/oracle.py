"""What may come of an input: a result, or a ValueError or OSError that names a file or a flag. All else is a fault."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Nobody but a developer sees these.
_UNSEEN_WARNINGS = (DeprecationWarning, PendingDeprecationWarning, ResourceWarning)


class Fault(Exception):  # noqa: N818  a fault of the code that is tested, not an error of this code
    """A reader broke a rule.

    Args:
      kind: the rule, in a few words; with `where` it tells faults apart.
      text: what happened, with all details.
      where: place in the code, or whatever else belongs to the identity of the fault.
    """

    def __init__(self, kind: str, text: str, where: str = "") -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind
        self.where = where

    @property
    def signature(self) -> str:
        """Short name of the fault; equal for inputs that show the same fault."""
        words = re.sub(r"[^a-z]+", "-", self.kind.lower()).strip("-")
        return f"{words}-{hashlib.sha256(f'{self.kind} {self.where}'.encode()).hexdigest()[:6]}"


@dataclasses.dataclass
class Outcome:
    """What came of a call.

    Args:
      value: the result; None after an error.
      error: an error of an allowed class that names its file, or None.
      warnings: the texts of the warnings that a user sees.
    """

    value: Any = None
    error: Exception | None = None
    warnings: list[str] = dataclasses.field(default_factory=list)


def attempt(
    call: Callable[..., Any], *args: Any, names: tuple[str, ...], allowed: tuple = (ValueError, OSError), **kwargs: Any
) -> Outcome:
    """Calls a reader.

    Args:
      call: the function, with its arguments.
      names: an error message must contain one of these: the path of the input, or a flag.
      allowed: classes of errors that users can fix.

    Raises:
      Fault: for an error of another class, a message that names no file, a warning that is not meant for users, or an
        exception that Python could only print ("Exception ignored").
    """
    outcome = Outcome()
    ignored: list[Any] = []
    hook = sys.unraisablehook
    sys.unraisablehook = ignored.append
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                outcome.value = call(*args, **kwargs)
            except Fault:
                raise
            except Exception as error:
                _check_error(error, names, allowed)
                outcome.error = error
    finally:
        sys.unraisablehook = hook
    if ignored:
        raise Fault("exception ignored", repr(ignored[0].exc_value), repr(ignored[0].exc_type))
    for warning in caught:
        if warning.category.__name__ == "MediaWarning":
            outcome.warnings.append(str(warning.message))
        elif not issubclass(warning.category, _UNSEEN_WARNINGS):
            place = f"{os.path.basename(warning.filename)}:{warning.lineno}"
            raise Fault("warning of a library", f"{warning.category.__name__} at {place}: {warning.message}", place)
    return outcome


def _check_error(error, names, allowed):
    place = place_of(error)
    if not isinstance(error, allowed):
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip()
        raise Fault(f"uncaught {type(error).__name__}", text, place) from error
    if not any(name in str(error) for name in names):
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip()
        raise Fault("message names no file or flag", text, place) from error


def place_of(error: BaseException) -> str:
    """Returns `file:line` of the innermost line of the project that an error passed."""
    place = "?"
    for frame in traceback.extract_tb(error.__traceback__):
        inside = os.path.relpath(frame.filename, _ROOT)
        if inside.startswith(("keras_pose", "serving")):
            place = f"{inside}:{frame.lineno}"
    return place


def expect(good: bool, kind: str, text: str, where: str = "") -> None:
    """Raises a `Fault` if something does not hold."""
    if not good:
        raise Fault(kind, text, where)
