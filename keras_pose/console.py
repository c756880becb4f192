"""What a command shows on the terminal: its own lines, not those of the libraries' start-up."""

import logging
import os


def quieten():
    """Keeps start-up messages of TensorFlow and NumExpr off the terminal; to be called before they are imported.

    Warnings and errors of TensorFlow's Python side stay. TF_CPP_MIN_LOG_LEVEL=0 in the environment brings all back.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("numexpr").setLevel(logging.WARNING)
