"""What a command shows in the terminal: its own lines, and an error as one line."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator


def hide_startup_messages() -> None:
    """Hides the start-up messages of TensorFlow and NumExpr; call it before they are imported.

    Warnings and errors of TensorFlow's Python side stay. TF_CPP_MIN_LOG_LEVEL=0 in the environment shows all messages.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("numexpr").setLevel(logging.WARNING)


@contextlib.contextmanager
def exit_on_error(program: str, interrupted: str = "interrupted") -> Iterator[None]:
    """Ends the program with one line and no traceback after Ctrl-C or an error that the user can fix.

    Args:
      program: name that begins the line.
      interrupted: message after Ctrl-C (exit code 130).
    """
    try:
        yield
    except (ValueError, OSError, ArithmeticError) as error:
        sys.exit(f"{program}: {error}")
    except KeyboardInterrupt:
        print(f"\n{interrupted}", file=sys.stderr)
        sys.exit(130)
