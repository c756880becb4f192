"""Reads MATLAB files of version 7.3, which are HDF5, into the plain form that `matlab_files` describes.

MATLAB writes arrays with their dimensions reversed; a cell array as an array of references; a struct as a group with a
member for each field; a struct array as such a group whose members are arrays of references and have no class.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import h5py
import numpy as np

from keras_pose import hdf5_file

_CLASS = "MATLAB_class"


def read(path: str, names: Collection[str] | None = None) -> dict[str, Any]:
    """Returns {variable: value} of a file.

    Args:
      path: the file.
      names: variables to read, if they are there; None: all.

    Raises:
      OSError, KeyError, RuntimeError, ValueError: for a damaged file.
    """
    with hdf5_file.open_whole(path) as file:
        # Members that begin with # hold what references point to.
        wanted = [name for name in file if not name.startswith("#") and (names is None or name in names)]
        return {name: _plain(file[name], file) for name in wanted}


def nest(array: np.ndarray, plain: Callable[[Any], Any]) -> list[Any]:
    """Returns the plain elements of a cell or struct array: a list for a row or column, otherwise a list of rows.

    Args:
      array: [rows, columns, …] of anything.
      plain: function that makes the plain form of an element.
    """
    if array.size == 0:
        return []
    if array.size == max(array.shape):
        return [plain(element) for element in array.reshape(-1)]
    return [nest(row, plain) if row.ndim > 1 else [plain(element) for element in row] for row in array]


def _plain(member, file):
    kind = member.attrs.get(_CLASS, b"")
    kind = kind.decode() if isinstance(kind, bytes) else str(kind)
    if isinstance(member, h5py.Group):
        return None if "MATLAB_sparse" in member.attrs else _plain_structs(member, file)
    if "MATLAB_object_decode" in member.attrs and kind not in ("char", "logical"):
        return None
    if member.attrs.get("MATLAB_empty", 0):
        return _empty(kind, member[()])
    if member.dtype.kind == "O":
        return nest(np.asarray(member[()]).T, lambda reference: _follow(reference, file))
    values = np.asarray(member[()]).T
    if kind == "char":
        rows = ["".join(map(chr, row)) for row in values.reshape(len(values), -1)]
        return rows[0] if len(rows) == 1 else rows
    return values.astype(bool) if kind == "logical" else values


def _empty(kind, shape):
    """The plain form of a variable without elements; its data are its shape."""
    if kind == "char":
        return ""
    return [] if kind in ("cell", "struct") else np.zeros([int(length) for length in np.ravel(shape)])


def _follow(reference, file):
    return _plain(file[reference], file) if reference else np.zeros((0, 0))


def _plain_structs(group, file):
    """A struct, or the elements of a struct array."""
    members = {name: group[name] for name in group}
    if not members or not all(_is_column(member) for member in members.values()):
        return {name: _plain(member, file) for name, member in members.items()}
    columns = {name: np.asarray(member[()]).T for name, member in members.items()}
    places = np.arange(next(iter(columns.values())).size).reshape(next(iter(columns.values())).shape)

    def plain(place):
        return {name: _follow(column.reshape(-1)[place], file) for name, column in columns.items()}

    return nest(places, plain)


def _is_column(member):
    """Whether a member of a group is a field of all elements of a struct array."""
    return isinstance(member, h5py.Dataset) and member.dtype.kind == "O" and _CLASS not in member.attrs
