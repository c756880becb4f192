"""The library sleap-io: imported when a file needs it, and what it raises for damaged files made into one error."""

from __future__ import annotations

import contextlib
import importlib
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from keras_pose import extras
from keras_pose.data.importers.coco.findings import Findings

_HDF5_START = b"\x89HDF\r\n\x1a\n"


def import_library(module: str, path: str, what: str) -> Any:
    """Imports a module of sleap-io.

    Args:
      module: its name, such as `sleap_io.io.slp`.
      path: the file that needs it, for the message.
      what: the kind of file, for the message: "SLEAP labels".

    Raises:
      ValueError: if sleap-io is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        old = "; it needs Python 3.10 or newer" if sys.version_info < (3, 10) else ""
        raise ValueError(
            f"{path}: {what} are read with sleap-io, which is not installed: {extras.how_to_install('formats')}{old}. "
            f"{error}"
        ) from error


def check_hdf5(path: str, what: str) -> None:
    """Checks that a file begins as HDF5 does.

    Raises:
      ValueError: if it does not, or cannot be opened; the message names it.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(len(_HDF5_START))
    except OSError as error:
        raise ValueError(f"{path}: expected {what}, but the file cannot be read: {error.strerror}") from error
    if not start:
        raise ValueError(f"{path}: expected {what} (HDF5), but the file is empty")
    if start != _HDF5_START:
        raise ValueError(f"{path}: expected {what} (HDF5), but the file begins otherwise: another kind, or damaged")


@contextlib.contextmanager
def reading(path: str, what: str, findings: Findings) -> Iterator[None]:
    """Makes one error of whatever sleap-io raises in the block, and notes of its warnings.

    Args:
      path: the file.
      what: the kind of file, for the message.
      findings: receives the notes.

    Raises:
      ValueError: if the block fails; the message names the file.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except (MemoryError, KeyboardInterrupt):
            raise
        except Exception as error:  # the library raises any kind for damaged files: KeyError, TypeError, AssertionError
            detail = " ".join(f"{type(error).__name__}: {error}".split())
            raise ValueError(f"{path}: expected {what}, but it cannot be read ({detail})") from error
    for message in dict.fromkeys(str(w.message) for w in caught if issubclass(w.category, UserWarning)):
        findings.add_note(" ".join(message.split()))


@contextlib.contextmanager
def reading_content(path: str, what: str) -> Iterator[None]:
    """Makes a ValueError of what sleap-io's objects raise if the file contradicts itself; others pass.

    Args:
      path: the file.
      what: the kind of file, for the message.

    Raises:
      ValueError: if the block fails; the message names the file.
    """
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        detail = " ".join(f"{type(error).__name__}: {error}".split())
        raise ValueError(f"{path}: expected {what}, but its content does not fit together ({detail})") from error
