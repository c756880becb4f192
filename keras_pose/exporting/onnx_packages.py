"""Which packages an ONNX file needs, and whether they are here. Does not import them, nor TensorFlow."""

from __future__ import annotations

import importlib.util

from keras_pose import extras

PACKAGES = ("onnx", "onnxruntime", "tf2onnx")


def is_installed(name: str) -> bool:
    """Whether a package is installed."""
    return importlib.util.find_spec(name) is not None


def check_installed() -> None:
    """Checks that an ONNX file can be written and tried.

    Raises:
      ValueError: if a package is missing; the message names the command that installs it.
    """
    missing = [name for name in PACKAGES if not is_installed(name)]
    if missing:
        raise ValueError(
            f"--onnx: expected {', '.join(PACKAGES)}, not installed: {', '.join(missing)}. They need Python 3.10 or "
            f"newer: {extras.how_to_install('onnx')}"
        )
