"""Writes files atomically: to a temporary name, which is then renamed. A reader sees the whole file or the old one."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def replace_atomically(path: str | os.PathLike[str]) -> Iterator[str]:
    """Yields a temporary path in the same folder. After the block it replaces `path`; after an error it is removed.

    Args:
      path: the file to write. Its folder is created if it is missing.

    Raises:
      OSError: if the folder cannot be created or written to.
    """
    path = os.fspath(path)
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, exist_ok=True)
    # The name keeps its ending: writers such as OpenCV and Keras choose the format by it.
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".writing-", suffix="-" + os.path.basename(path))
    os.close(handle)
    os.chmod(temporary, 0o666 & ~umask())
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)
        raise


def check_folder(path: str | os.PathLike[str], flag: str) -> None:
    """Checks that a folder can be written to, or made, without making it.

    Args:
      path: the folder.
      flag: the flag that names it, for the message.

    Raises:
      ValueError: if it is a file, or it or the folder to make it in cannot be written to.
    """
    place = os.path.abspath(path)
    while not os.path.lexists(place):
        place = os.path.dirname(place)
    if not os.path.isdir(place):
        raise ValueError(
            f"{flag}: expected a folder that can be written, received {os.fspath(path)}: {place} is a file"
        )
    if not os.access(place, os.W_OK | os.X_OK):
        raise ValueError(f"{flag}: expected a folder that can be written, received {os.fspath(path)}")


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Writes `text` to `path` as UTF-8, atomically."""
    with replace_atomically(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(text)


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Writes `value` to `path` as indented JSON, atomically.

    Raises:
      ValueError: if the value contains NaN or infinity, which JSON does not have.
    """
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def read_json(path: str | os.PathLike[str]) -> Any:
    """Reads a JSON file.

    Raises:
      ValueError: if the file is not JSON; the message names the file and the place in it.
    """
    with open(path, encoding="utf-8") as file:
        try:
            return json.load(file)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"{path}: expected JSON, but {error}") from error


@contextlib.contextmanager
def hold_folder(path: str | os.PathLike[str], message: str) -> Iterator[None]:
    """Locks a folder inside the block, so that other processes cannot lock it. The lock of a killed process ends.

    Windows has no such locks; there the block runs without one.

    Args:
      path: a folder that exists.
      message: message of the error.

    Raises:
      ValueError: if another process has locked the folder.
    """
    if fcntl is None:
        yield
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ValueError(message) from error
        yield
    finally:
        os.close(folder)


def umask() -> int:
    """Returns the permission bits that this process removes from new files and folders.

    `tempfile` removes more, so files that others read need their permissions set.
    """
    current = os.umask(0)
    os.umask(current)
    return current
