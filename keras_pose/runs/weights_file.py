"""The files of weights: Keras' HDF5 with a checksum of all arrays, so that damage does not pass for weights.

HDF5 itself notices a file that is cut, but not a changed bit in an array. Files of earlier versions and of other
programs have no checksum; they are read as they are.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import h5py
import numpy as np

from keras_pose import hdf5_file

if TYPE_CHECKING:
    import keras

_CHECKSUM = "keras_pose_sha256"  # attribute of the file


def seal(path: str | os.PathLike[str]) -> None:
    """Writes the checksum into a file that Keras has written.

    Raises:
      OSError: if the file cannot be written.
    """
    with h5py.File(path, "r+") as file:
        file.attrs[_CHECKSUM] = _digest(file)


def load(model: keras.Model, path: str | os.PathLike[str]) -> None:
    """Loads the weights of a model.

    Args:
      model: the model.
      path: file that `save_weights` of Keras wrote, with or without a checksum.

    Raises:
      OSError: if the file cannot be read or is damaged; the message names it.
      ValueError: if it holds the weights of another model.
    """
    check(path)
    model.load_weights(path)


def check(path: str | os.PathLike[str]) -> None:
    """Reads a file and compares its checksum, if it has one.

    Raises:
      OSError: if the file cannot be read or is damaged; the message names it.
    """
    try:
        fault = _find_damage(path)
    except Exception as error:  # h5py raises almost anything for a damaged file
        fault = " ".join(str(error).split())
    if fault:
        raise OSError(f"{os.fspath(path)}: the weights cannot be read: {fault}")


def _find_damage(path):
    with hdf5_file.open_whole(path) as file:
        known = file.attrs.get(_CHECKSUM)
        if known is None or known == _digest(file):
            return ""
    return "the file is damaged: its arrays do not fit their checksum; copy it from a backup, or train again"


def _digest(file):
    """The SHA-256 of all arrays with their names, in hexadecimal."""
    found = hashlib.sha256()

    def add(name: str, item: h5py.HLObject) -> None:
        if isinstance(item, h5py.Dataset):
            values = np.ascontiguousarray(item[()])
            found.update(f"{name} {values.dtype.str} {values.shape}".encode())
            found.update(values.tobytes())

    file.visititems(add)  # in the order of the names
    return found.hexdigest()
