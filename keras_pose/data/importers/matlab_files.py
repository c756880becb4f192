"""Reads MATLAB files (`.mat`) of any version into plain dictionaries, lists, strings and arrays.

| MATLAB | here |
|---|---|
| struct | {field: value} |
| struct array, cell array | list of its elements; list of rows if it has several rows and columns |
| char | str; several rows: list of str |
| numbers, logical | array of MATLAB's shape [rows, columns, …] (a number is [1, 1]) and class |
| `[]`, empty cell, empty char | array of size 0, [], "" |
| objects, function handles, sparse numbers | None |

Files up to version 7 (`save -v7`, the usual ones) are checked by `matlab_elements` and read by SciPy, files of version
7.3, which are HDF5, by `matlab_hdf5`. Both give the same for the same variables.
"""

from __future__ import annotations

import dataclasses
import io
import os
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import scipy.io
import scipy.io.matlab

from keras_pose.data.importers import matlab_elements, matlab_hdf5
from keras_pose.words import shorten_list

# The first number of `scipy.io.matlab.matfile_version`.
_VERSIONS = {0: "4", 1: "5 to 7", 2: "7.3"}
_SHOWN_FIELDS = 12


@dataclasses.dataclass(frozen=True)
class MatlabFile:
    """The variables of a file, and checks whose errors name the file, its version and the place in it.

    Args:
      path: the file.
      version: "4", "5 to 7" or "7.3".
      variables: {name: value} in the form of the table above.
    """

    path: str
    version: str
    variables: dict[str, Any]

    def error(self, message: str) -> ValueError:
        """Returns an error that names the file and its version."""
        return ValueError(f"{self.path} (MATLAB {self.version}): {message}")

    def variable(self, name: str) -> Any:
        """Returns a variable.

        Raises:
          ValueError: if there is none of this name; the message lists those that there are.
        """
        if name not in self.variables:
            raise self.error(f"expected the variable {name}, found {_list_names(self.variables)}")
        return self.variables[name]

    def field(self, struct: Any, name: str, place: str) -> Any:
        """Returns a field of a struct.

        Args:
          struct: value of the struct.
          name: name of the field.
          place: where the struct is in the file, for messages: `examples(3)`.

        Raises:
          ValueError: if it is no struct or lacks the field.
        """
        if not isinstance(struct, dict):
            raise self.error(f"{place}: expected a struct with the field {name}, found {describe(struct)}")
        if name not in struct:
            raise self.error(f"{place}: expected the field {name}, found {_list_names(struct)}")
        return struct[name]

    def structs(self, value: Any, place: str) -> list[dict[str, Any]]:
        """Returns the elements of a struct array as a list, which a single struct is, too; of `[]`, none.

        Raises:
          ValueError: if it is no struct array; also if it has several rows and columns.
        """
        if isinstance(value, dict):
            return [value]
        elements = value if isinstance(value, list) else [] if is_empty(value) else None
        if elements is None or not all(isinstance(element, dict) for element in elements):
            raise self.error(f"{place}: expected structs, found {describe(value)}")
        return elements

    def numbers(self, value: Any, shape: Sequence[int | None], place: str) -> np.ndarray:
        """Returns float64 of a shape.

        Args:
          value: the value.
          shape: the expected lengths; None: any. One length: a row or a column, returned as [N].
          place: where the value is in the file, for messages.

        Raises:
          ValueError: if it holds no numbers or has another shape.
        """
        expected = f"numbers [{' x '.join('any' if length is None else str(length) for length in shape)}]"
        if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
            raise self.error(f"{place}: expected {expected}, found {describe(value)}")
        received = value
        if len(shape) == 1 and (value.size == 0 or value.ndim == 2 and 1 in value.shape):
            received = value.reshape(-1)
        fits = len(received.shape) == len(shape) and all(n in (None, m) for n, m in zip(shape, received.shape))
        if not fits:
            raise self.error(f"{place}: expected {expected}, found {describe(value)}")
        return received.astype(np.float64)

    def number(self, value: Any, place: str) -> float:
        """Returns a single number.

        Raises:
          ValueError: if it is no number.
        """
        return float(self.numbers(value, (1,), place)[0])

    def text(self, value: Any, place: str) -> str:
        """Returns a text; a cell of one text counts as a text.

        Raises:
          ValueError: if it is no text.
        """
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, str):
            raise self.error(f"{place}: expected a text, found {describe(value)}")
        return value


def read(path: str | os.PathLike[str], names: Collection[str] | None = None) -> MatlabFile:
    """Reads a file.

    Args:
      path: the file.
      names: variables to read, if they are there; None: all.

    Returns:
      `MatlabFile`.

    Raises:
      ValueError: if the file is missing, damaged, cut off, or no MATLAB file; the message names the file.
    """
    name = os.fspath(path)
    try:
        with open(name, "rb") as file:
            version = scipy.io.matlab.matfile_version(file)[0]
    except OSError as error:
        raise ValueError(f"{name}: expected a MATLAB file, but it cannot be read: {error.strerror or error}") from error
    except Exception as error:  # of a file that is empty or something else, SciPy raises what it stumbles over
        raise ValueError(f"{name}: expected a MATLAB file, found {_describe_beginning(name)}") from error
    try:
        found = matlab_hdf5.read(name, names) if version == 2 else _read_up_to_7(name, names, version)
    except Exception as error:  # of a damaged file, SciPy and h5py raise almost anything
        detail = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(
            f"{name} (MATLAB {_VERSIONS[version]}): damaged or cut off ({os.path.getsize(name)} bytes); download it "
            f"again: {detail}"
        ) from error
    return MatlabFile(name, _VERSIONS[version], found)


def is_empty(value: Any) -> bool:
    """Whether a value is `[]`, `{}`, an empty text or nothing."""
    return value is None or (value.size == 0 if isinstance(value, np.ndarray) else len(value) == 0)


def describe(value: Any) -> str:
    """Returns what a value is, for messages: `numbers [2 x 15]`, `a struct with x, y`, `the text 'abc'`."""
    if isinstance(value, np.ndarray):
        return f"numbers [{' x '.join(map(str, value.shape))}]"
    if isinstance(value, dict):
        return f"a struct with {_list_names(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return f"the text {value[:40]!r}" if isinstance(value, str) else "an object or nothing"


def _list_names(names):
    return shorten_list(sorted(names), shown=_SHOWN_FIELDS) if names else "none"


def _describe_beginning(path):
    with open(path, "rb") as file:
        beginning = file.read(24)
    return f"a file that begins with {beginning!r}" if beginning else "a file of zero bytes"


def _read_up_to_7(path, names, version):
    with open(path, "rb") as file:
        data = file.read()
    matlab_elements.check(data, version, names)
    wanted = None if names is None else list(names)
    found = scipy.io.loadmat(io.BytesIO(data), mat_dtype=True, variable_names=wanted)
    return {name: _plain(value) for name, value in found.items() if not name.startswith("__")}


def _plain(value):
    """The plain form of what SciPy makes of a variable."""
    if not isinstance(value, np.ndarray):
        return None  # sparse numbers, objects
    if isinstance(value, (scipy.io.matlab.MatlabOpaque, scipy.io.matlab.MatlabFunction)):
        return None
    if value.dtype.names:
        return _plain_structs(value)
    if value.dtype.kind == "O":
        return matlab_hdf5.nest(value, _plain)
    if value.dtype.kind in "US":
        rows = [str(row) for row in value.reshape(-1)]
        return rows[0] if len(rows) == 1 else rows or ""
    return value


def _plain_structs(array):
    names = array.dtype.names

    def plain(element):
        return {name: _plain(element[name]) for name in names}

    return plain(array.reshape(-1)[0]) if array.size == 1 else matlab_hdf5.nest(array, plain)
