"""Reads a label table of DeepLabCut from HDF5, as pandas wrote it, without running anything that the file holds.

PyTables stores some values as pickled Python objects, and loading a pickle can run any program. So the file is first
searched with h5py, which loads none of them: if an object would load anything but text, numbers, lists and arrays, the
file is refused.
"""

from __future__ import annotations

import io
import os
import pickle
import warnings

import numpy as np

from keras_pose.data.importers.deeplabcut_csv import parse_cell
from keras_pose.data.importers.deeplabcut_table import Column, Table
from keras_pose.data.importers.names import normalize

KEY = "df_with_missing"  # as DeepLabCut names the table
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_LEVELS = ("scorer", "individuals", "bodyparts", "coords")

_HARMLESS = {
    *(
        (module, name)
        for module in ("numpy.core.multiarray", "numpy._core.multiarray")
        for name in ("scalar", "_reconstruct")
    ),
    *(("numpy", name) for name in ("dtype", "ndarray")),
    ("_codecs", "encode"),
    ("pandas.core.indexes.frozen", "FrozenList"),
}


def read_h5(path: str) -> Table:
    """Reads a table; its rows are numbered from 1.

    Raises:
      OSError: if the file cannot be read.
      ValueError: if it is no HDF5 file, is damaged, holds Python objects that are not data, or holds no or several
        DeepLabCut tables; the message names the file.
    """
    _check_signature(path)
    try:
        _refuse_objects(path)
        frames = _read_frames(path)
    except Exception as error:  # HDF5, PyTables and pandas raise almost anything for a damaged file
        if isinstance(error, (MemoryError, _RefusedError)):
            raise
        reason = str(error).strip().rpartition("\n")[2] or type(error).__name__
        raise ValueError(f"{path}: expected a DeepLabCut table in HDF5, but {reason}") from error
    frame, notes = _choose(path, frames)
    levels = _levels(frame)
    columns = [_column(key if isinstance(key, tuple) else (key,), levels) for key in frame.columns]
    values, faults = _values(frame)
    images = ["/".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in frame.index]
    images = [image.replace("\\", "/") for image in images]
    return Table(path, columns, values, images, list(range(1, len(images) + 1)), faults, notes)


class _RefusedError(ValueError):
    """The file may be whole, but is not read."""


def _check_signature(path):
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        head = file.read(len(_SIGNATURE))
    if head != _SIGNATURE:
        found = f"other content ({size} bytes)" if head.strip(b"\0") else f"no content ({size} bytes)"
        raise ValueError(f"{path}: expected a DeepLabCut table in HDF5, found {found}")


def _refuse_objects(path):
    """Raises `_RefusedError` if PyTables would load an object that is not data."""
    import h5py

    with h5py.File(path, "r") as file:

        def check(name, item):
            for value in item.attrs.values():
                _check_pickle(path, name, value)
            if isinstance(item, h5py.Dataset) and h5py.check_vlen_dtype(item.dtype) is not None:
                for row in item[()].reshape(-1):
                    _check_pickle(path, name, np.asarray(row).tobytes())

        check("/", file)
        file.visititems(check)


def _check_pickle(path, name, value):
    for item in np.ravel(value) if isinstance(value, np.ndarray) else [value]:
        data = item.encode("utf-8", "surrogateescape") if isinstance(item, str) else item
        # PyTables takes bytes that end like a pickle for one.
        if isinstance(data, bytes) and len(data) > 1 and data.rstrip(b"\0").endswith(b"."):
            try:
                _Unpickler(io.BytesIO(data)).load()
            except _RefusedError as error:
                raise _RefusedError(
                    f"{path}: {name} holds the Python object {error}, which is not loaded: it may run a program"
                ) from error
            except Exception:
                continue  # text that ends with a full stop; PyTables keeps it as text


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) in _HARMLESS:
            return super().find_class(module, name)
        raise _RefusedError(f"{module}.{name}")


def _read_frames(path):
    """Returns {key: frame} of all frames in the file."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pd.HDFStore(path, mode="r") as store:
            keys = store.keys()
            found = {key.lstrip("/"): store.get(key) for key in keys}
    return {key: frame for key, frame in found.items() if isinstance(frame, pd.DataFrame)}


def _choose(path, frames):
    """Returns the frame that is a label table, and notes about the others."""
    tables = {key: frame for key, frame in frames.items() if {"bodyparts", "coords"} <= set(_levels(frame))}
    if not tables:
        found = "; ".join(str(list(frame.columns.names)) for frame in frames.values()) or "no table"
        raise ValueError(f"{path}: expected columns of scorer, bodyparts and coords, found {found}")
    first = KEY if KEY in tables else next(iter(tables))
    others = [key for key in tables if key != first]
    if KEY not in tables and not all(tables[key].equals(tables[first]) for key in others):
        raise ValueError(f"{path}: expected one label table, or one with the key {KEY}; found {', '.join(tables)}")
    return tables[first], [
        f"the tables {', '.join(others)} in the file are left out; {first} is read"
    ] if others else []


def _levels(frame):
    """The names of the column levels; levels without names are told by their number."""
    names = list(frame.columns.names)
    if any(names) or len(names) not in (3, 4):
        return names
    return list(_LEVELS) if len(names) == 4 else [level for level in _LEVELS if level != "individuals"]


def _column(key, levels):
    names = dict(zip(levels, key))
    scorer, individual, part, coordinate = (normalize(str(names.get(level, ""))) for level in _LEVELS)
    return Column(scorer, individual, part, coordinate.lower())


def _values(frame):
    """Returns float64 [R, C], and the faults of each row."""
    try:
        return frame.to_numpy(np.float64), [[] for _ in range(len(frame))]
    except (TypeError, ValueError):
        pass  # text among the numbers
    cells = frame.to_numpy(object)
    values = np.full(cells.shape, np.nan)
    faults: list[list[tuple[int | None, str]]] = [[] for _ in cells]
    for (r, c), cell in np.ndenumerate(cells):
        number = parse_cell("" if cell is None else str(cell).strip())
        if number is None:
            faults[r].append((c, f"value {c + 1}: expected a number, found {cell!r}"))
        else:
            values[r, c] = number
    return values, faults
