"""Reads data frames that pandas wrote to HDF5, without pandas: both of its formats, `fixed` and `table`.

pandas reads such files through PyTables, which crashes on some damaged files and loads pickled objects, which may run a
program. h5py does neither; pickled lists and names are read by `plain_pickle`. Format: pandas.io.pytables of pandas
0.15 to 3 (`pandas_version` in the files is 0.15.2 since then).
"""

from __future__ import annotations

import dataclasses
from typing import Any

import h5py
import numpy as np

from keras_pose import hdf5_file
from keras_pose.data.importers.deeplabcut.plain_pickle import load_plain

_LARGEST_BYTES = 1 << 28  # a damaged file can claim any size


@dataclasses.dataclass
class Frame:
    """A data frame.

    Args:
      levels: names of the column levels; empty for a level without a name.
      columns: C tuples, the names of each column.
      index: R tuples, the names of each row.
      values: float64 or object [R, C].
    """

    levels: list[str]
    columns: list[tuple]
    index: list[tuple]
    values: np.ndarray


def read_frames(path: str) -> dict[str, Frame]:
    """Reads all data frames of a file.

    Args:
      path: an HDF5 file.

    Returns:
      {key: frame}; the key is the path of the frame inside the file.

    Raises:
      OSError: if it is no HDF5 file, or damaged.
      ValueError: if it is damaged, or holds objects that are not data.
    """
    frames = {}
    with hdf5_file.open_whole(path) as file:
        groups: list[tuple[str, h5py.Group]] = []
        file.visititems(lambda name, item: groups.append((name, item)) if isinstance(item, h5py.Group) else None)
        for name, group in groups:
            kind = _attribute(group, "pandas_type")
            if kind == "frame":
                frames[name] = _read_fixed(group)
            elif kind == "frame_table":
                frames[name] = _read_table(group)
    return frames


def _read_fixed(group):
    levels, columns = _read_axis(group, "axis0")
    _, index = _read_axis(group, "axis1")
    places = {column: c for c, column in enumerate(columns)}
    if len(places) < len(columns):
        raise ValueError("its columns have the same names")
    values = np.full((len(index), len(columns)), np.nan, object)
    filled = np.zeros(len(columns), bool)
    for b in range(int(_attribute(group, "nblocks"))):
        _, items = _read_axis(group, f"block{b}_items")
        block = _read_array(group[f"block{b}_values"])
        if block.shape != (len(index), len(items)):
            raise ValueError(f"its values have the shape {block.shape} instead of {(len(index), len(items))}")
        for i, item in enumerate(items):
            values[:, places[item]] = block[:, i]
            filled[places[item]] = True
    if not filled.all():
        raise ValueError("it lacks the values of some columns")
    return Frame(levels, columns, index, values)


def _read_table(group):
    table = group["table"]
    _check_size(table)
    ((_, columns),) = _attribute(group, "non_index_axes")
    columns = [column if isinstance(column, tuple) else (column,) for column in columns]
    levels = (_attribute(group, "info") or {}).get(1, {}).get("names") or []
    rows = table[()]
    values = np.full((len(rows), len(columns)), np.nan, object)
    places = {column: c for c, column in enumerate(columns)}
    filled = np.zeros(len(columns), bool)
    for field in rows.dtype.names:
        items = _attribute(table, f"{field}_kind")
        if not field.startswith("values_block_") or not isinstance(items, list):
            continue
        for i, item in enumerate(items):
            c = places[item if isinstance(item, tuple) else (item,)]
            values[:, c] = [_text(cell) for cell in rows[field].reshape(len(rows), len(items))[:, i]]
            filled[c] = True
    if not filled.all():
        raise ValueError("it lacks the values of some columns")
    index = [(_text(cell),) for cell in rows["index"]]
    return Frame([str(name or "") for name in levels], columns, index, values)


def _read_axis(group, name):
    """Returns the names of the levels of an axis, and its entries as tuples."""
    if _attribute(group, f"{name}_variety") != "multi":
        dataset = group[name]
        return [_level_name(dataset)], [(_text(entry),) for entry in _read_array(dataset).reshape(-1).tolist()]
    names = []
    parts = []
    for level in range(int(_attribute(group, f"{name}_nlevels"))):
        dataset = group[f"{name}_level{level}"]
        entries = [_text(entry) for entry in _read_array(dataset).reshape(-1).tolist()]
        codes = _read_array(group[f"{name}_label{level}"]).reshape(-1).tolist()
        if any(not -1 <= code < len(entries) for code in codes):
            raise ValueError("its names are damaged")
        names.append(_level_name(dataset))
        parts.append(["" if code == -1 else entries[code] for code in codes])
    if len({len(part) for part in parts}) != 1:
        raise ValueError("its names are damaged")
    return names, list(zip(*parts))


def _level_name(dataset):
    name = _attribute(dataset, "name")
    return "" if name is None else str(name)


def _read_array(dataset):
    """The array of a dataset [R, C] or [R]; pandas marks an empty one by its shape, and pickles one of objects."""
    shape = _attribute(dataset, "shape")
    if shape is not None:
        array = np.empty(shape, object)
        if array.size:
            raise ValueError("an array that should be empty is not")
    elif h5py.check_vlen_dtype(dataset.dtype) is not None:
        _check_size(dataset)
        array = np.asarray(load_plain(np.asarray(dataset[0], np.uint8).tobytes()), object)
    else:
        _check_size(dataset)
        array = dataset[()]
    return array if _attribute(dataset, "transposed") else array.T


def _check_size(dataset):
    if dataset.size is None or dataset.size * max(dataset.dtype.itemsize, 1) > _LARGEST_BYTES:
        raise ValueError("it claims to be larger than a label table can be")


def _attribute(item: Any, name: str) -> Any:
    """The value of an attribute as PyTables means it: text, a number, or a pickled object; None if there is none."""
    value = item.attrs.get(name)
    if isinstance(value, (bytes, str)):
        data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else bytes(value)
        if len(data) > 1 and data.endswith(b"."):
            try:
                return load_plain(data)
            except ValueError as error:
                if "Python object" in str(error):
                    raise
        return data.decode("utf-8", "replace")
    return None if isinstance(value, h5py.Empty) else value


def _text(entry):
    return entry.decode("utf-8", "replace") if isinstance(entry, bytes) else entry
