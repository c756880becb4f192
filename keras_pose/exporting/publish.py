"""Versions of a model in a folder that a server watches: each version appears complete, and never changes.

A version is written to a hidden folder next to its final place, which is renamed at the end. Servers only read folders
whose name is a number, so they never see an incomplete version. If an export is killed, the next one removes its
remains.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator

from keras_pose import files, locks

LARGEST_VERSION = 2**63 - 1  # servers read an int64
_WRITING = ".writing-"


@contextlib.contextmanager
def new_version(model_dir: str | os.PathLike[str], version: int = 0) -> Iterator[tuple[int, str]]:
    """Yields a new version's number and a folder to write it to, and publishes it if the block ends without an error.

    Args:
      model_dir: folder of the versions; created if it does not exist.
      version: the version to write; 0: one more than the highest.

    Yields:
      The version, and an empty folder, which is removed if the block raises an error.

    Raises:
      ValueError: if the version exists or is larger than an int64, if the folder cannot be written, or if another
        export is writing to it.
    """
    with _name_flag_if_unwritable(model_dir):
        os.makedirs(model_dir, exist_ok=True)
    with locks.hold_folder(model_dir, f"--export_dir: another export is writing to {model_dir}"):
        _remove_stale(model_dir)
        version = version or max(versions(model_dir), default=0) + 1
        final = os.path.join(model_dir, str(version))
        check_free(model_dir, version)
        with _name_flag_if_unwritable(model_dir):
            folder = tempfile.mkdtemp(dir=model_dir, prefix=f"{_WRITING}{version}-")
        try:
            os.chmod(folder, 0o777 & ~files.umask())  # the server may run as another user
            yield version, folder
            check_free(model_dir, version)
            os.rename(folder, final)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def versions(model_dir: str | os.PathLike[str]) -> list[int]:
    """Returns the versions of a model in ascending order; an empty list if the folder does not exist."""
    names = os.listdir(model_dir) if os.path.isdir(model_dir) else []
    numbers = (int(name) for name in names if name.isascii() and name.isdigit())
    return sorted(number for number in numbers if number <= LARGEST_VERSION)


def check_free(model_dir: str | os.PathLike[str], version: int) -> None:
    """Checks that a version can be written.

    Raises:
      ValueError: if it exists or is larger than an int64.
    """
    if version > LARGEST_VERSION:
        raise ValueError(f"--version: expected at most {LARGEST_VERSION}, an int64, received {version}")
    if version in versions(model_dir):
        raise ValueError(
            f"--version: {os.path.join(model_dir, str(version))} exists, and a version is never overwritten; expected "
            "another number, or 0 for the next one"
        )


def _remove_stale(model_dir):
    # This process holds the lock, so whoever wrote these folders was killed.
    for name in os.listdir(model_dir):
        if name.startswith(_WRITING):
            shutil.rmtree(os.path.join(model_dir, name), ignore_errors=True)


@contextlib.contextmanager
def _name_flag_if_unwritable(model_dir):
    """Makes of an error of the file system one that names the flag and the folder."""
    try:
        yield
    except OSError as error:
        raise ValueError(
            f"--export_dir: expected a folder that can be written, received {model_dir}: {error}"
        ) from error
