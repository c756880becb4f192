"""What a command shows on the terminal: its own lines, and an error as one line."""

import contextlib
import logging
import os
import sys


def quieten():
    """Keeps start-up messages of TensorFlow and NumExpr off the terminal; to be called before they are imported.

    Warnings and errors of TensorFlow's Python side stay. TF_CPP_MIN_LOG_LEVEL=0 in the environment brings all back.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("numexpr").setLevel(logging.WARNING)


@contextlib.contextmanager
def plain_errors(program, interrupted="interrupted"):
    """Ends the program with one line, and no traceback, for an error that the user can mend, and for Ctrl-C.

    Args:
      program: str, how the line begins.
      interrupted: str, what to say after Ctrl-C (exit code 130).
    """
    try:
        yield
    except (ValueError, OSError, ArithmeticError) as error:
        sys.exit(f"{program}: {error}")
    except KeyboardInterrupt:
        print(f"\n{interrupted}", file=sys.stderr)
        sys.exit(130)
