"""Versions of a model in a folder that a server watches: each is there whole or not at all, and never changes.

A version is written to a hidden folder beside it and renamed at the end. Servers read folders with a number for a name
only, so they never see half of one. What a killed export leaves is removed by the next one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile

from keras_pose import files

LARGEST_VERSION = 2**63 - 1  # servers read an int64
_WRITING = ".writing-"


@contextlib.contextmanager
def new_version(model_dir, version=0):
    """Yields the number of a new version and a folder to write it to; on a clean exit it is published.

    Args:
      model_dir: folder of the versions; created where it is missing.
      version: int, the version to write; 0: one more than the highest there.

    Yields:
      int, the version, and str, a folder that is there and empty. On an error it is removed.

    Raises:
      ValueError: where the version exists or is no int64, the folder cannot be written, or another export writes to
        it now.
    """
    with _named(model_dir):
        os.makedirs(model_dir, exist_ok=True)
    with files.hold_folder(model_dir, f"--export_dir: another export is writing to {model_dir}"):
        _remove_stale(model_dir)
        version = version or max(versions(model_dir), default=0) + 1
        final = os.path.join(model_dir, str(version))
        _check_free(model_dir, version)
        with _named(model_dir):
            folder = tempfile.mkdtemp(dir=model_dir, prefix=f"{_WRITING}{version}-")
        try:
            os.chmod(folder, 0o777 & ~files.umask())  # the server may run as another user
            yield version, folder
            _check_free(model_dir, version)
            os.rename(folder, final)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def versions(model_dir) -> list[int]:
    """Returns the numbers of the versions of a model, in rising order; none where the folder is missing."""
    names = os.listdir(model_dir) if os.path.isdir(model_dir) else []
    numbers = (int(name) for name in names if name.isascii() and name.isdigit())
    return sorted(number for number in numbers if number <= LARGEST_VERSION)


def _check_free(model_dir, version):
    if version > LARGEST_VERSION:
        raise ValueError(f"--version: expected at most {LARGEST_VERSION}, an int64, received {version}")
    if version in versions(model_dir):
        raise ValueError(
            f"--version: {os.path.join(model_dir, str(version))} exists, and a version is never overwritten; expected "
            "another number, or 0 for the next"
        )


def _remove_stale(model_dir):
    # Whoever holds the folder is the only one who writes: all others were killed.
    for name in os.listdir(model_dir):
        if name.startswith(_WRITING):
            shutil.rmtree(os.path.join(model_dir, name), ignore_errors=True)


@contextlib.contextmanager
def _named(model_dir):
    """Names the flag of a folder that cannot be written."""
    try:
        yield
    except OSError as error:
        raise ValueError(
            f"--export_dir: expected a folder that can be written, received {model_dir}: {error}"
        ) from error
