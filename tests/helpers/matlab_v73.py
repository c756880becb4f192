"""Writes MATLAB files of version 7.3 as MATLAB does, for tests: SciPy reads and writes only older versions."""

import h5py
import numpy as np


def write(path, variables):
    """Writes variables: dict = struct, list of dicts = struct array, other list = cell row, str, numbers."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            _write(file, name, value)
    with open(path, "r+b") as file:
        header = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Thu Jan 01 00:00:00 2015 HDF5 schema 1.00 ."
        file.write(header.ljust(116) + bytes(8) + b"\x00\x02IM")


def _write(group, name, value):
    if isinstance(value, dict):
        struct = group.create_group(name)
        struct.attrs["MATLAB_class"] = np.bytes_(b"struct")
        for field, content in value.items():
            _write(struct, field, content)
    elif isinstance(value, list) and value and all(isinstance(element, dict) for element in value):
        struct = group.create_group(name)
        struct.attrs["MATLAB_class"] = np.bytes_(b"struct")
        for field in value[0]:
            _references(struct, field, [element[field] for element in value])
    elif isinstance(value, list) and value:
        _references(group, name, value).attrs["MATLAB_class"] = np.bytes_(b"cell")
    elif isinstance(value, str) and value:
        codes = np.array([[ord(letter)] for letter in value], np.uint16)
        group.create_dataset(name, data=codes).attrs["MATLAB_class"] = np.bytes_(b"char")
    elif isinstance(value, (str, list)) or np.size(value) == 0:
        kind = b"char" if isinstance(value, str) else b"cell" if isinstance(value, list) else b"double"
        empty = group.create_dataset(name, data=np.zeros(2, np.uint64))
        empty.attrs["MATLAB_class"] = np.bytes_(kind)
        empty.attrs["MATLAB_empty"] = np.uint8(1)
    else:
        array = np.atleast_2d(value)
        kind = b"logical" if array.dtype == bool else b"double"
        array = array.astype(np.uint8 if array.dtype == bool else np.float64)
        group.create_dataset(name, data=array.T).attrs["MATLAB_class"] = np.bytes_(kind)


def _references(group, name, values):
    """A row of references [1, N], so [N, 1] in HDF5, to values in #refs#."""
    store = group.file.require_group("#refs#")
    references = np.empty((len(values), 1), h5py.ref_dtype)
    for place, value in enumerate(values):
        key = f"r{len(store)}"
        _write(store, key, value)
        references[place, 0] = store[key].ref
    return group.create_dataset(name, data=references, dtype=h5py.ref_dtype)
