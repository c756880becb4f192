"""What the formats in HDF5 share: a file that is written whole or not at all, and text inside it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np

from keras_pose import files, hdf5_file

_OVERHEAD = 1 << 20  # bytes of a file that are no arrays, at most


@contextlib.contextmanager
def new_file(path: str | os.PathLike[str], num_bytes: int) -> Iterator[str]:
    """Yields the temporary path of a file that replaces `path` after the block.

    Room for it is tried first: HDF5 ends the whole process if its file cannot grow.

    Args:
      path: the file to write.
      num_bytes: size of the arrays that it will hold, uncompressed.

    Raises:
      OSError: if the file cannot be written.
    """
    with files.replace_atomically(path) as temporary:
        files.reserve(temporary, num_bytes + _OVERHEAD)
        yield temporary


def read_text(path: str | os.PathLike[str], place: str) -> str:
    """Reads a string from an HDF5 file.

    Args:
      path: the file.
      place: path of the data set inside it.

    Raises:
      OSError: if there is no such file.
      ValueError: if it is no HDF5 file, or has no such string; the message names it.
    """
    try:
        with hdf5_file.open_whole(path) as file:
            return as_text(file[place][()])
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except (OSError, KeyError, RuntimeError, ValueError, AttributeError) as error:
        raise ValueError(f"{os.fspath(path)}: expected an HDF5 file with {place}, but {error}") from error


def as_text(value: Any) -> str:
    """Returns a string as h5py returns it (bytes, str, an array of one) as str."""
    value = value.item() if isinstance(value, np.ndarray) else value
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def valid_text(text: str) -> str:
    """Returns a path as text that UTF-8 can hold: bytes of other encodings in it become "\ufffd"."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def write_values(file: h5py.File, name: str, values: np.ndarray) -> h5py.Dataset:
    """Writes an array, compressed if it has values. Names of people and joints are bytes in UTF-8."""
    how = {"compression": "gzip", "compression_opts": 1, "shuffle": True} if values.size else {}
    return file.create_dataset(name, data=values, **how)


def as_bytes(names: list[str] | list[list[str]], shape: tuple[int, ...]) -> np.ndarray:
    """Returns names as an array of bytes in UTF-8, of a shape that may have no entries."""
    flat = np.array([np.char.encode(name, "utf-8") for name in np.ravel(names)])
    return flat.reshape(shape) if flat.size else np.zeros(shape, "S1")
