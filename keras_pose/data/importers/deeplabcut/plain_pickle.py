"""Loads pickled lists, text, numbers and arrays of NumPy, and nothing else.

Loading a pickle can run any program. Here every class that a pickle may name stands for a small one of this module; any
other name is refused. So a file from a stranger, or a damaged one, does no harm.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np

_NUMBERS = frozenset(code + size for code in "fiu" for size in ("1", "2", "4", "8")) | {"b1"}


def load_plain(data: bytes) -> Any:
    """Loads a pickle; an array becomes an object array [...].

    Raises:
      ValueError: if it is damaged, or names an object that is not data.
    """
    try:
        return _unwrap(_Unpickler(io.BytesIO(data)).load())
    except MemoryError:
        raise
    except Exception as error:  # a damaged pickle raises almost anything
        raise ValueError(str(error) or type(error).__name__) from error


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        known = {"_reconstruct": _Array, "ndarray": _Array, "dtype": _DType, "scalar": _read_scalar, "encode": _encode}
        if module in ("numpy", "numpy.core.multiarray", "numpy._core.multiarray", "_codecs") and name in known:
            return known[name]
        if name == "FrozenList" and module.startswith("pandas."):
            return list
        raise ValueError(f"it holds the Python object {module}.{name}, which is not loaded, since it may run a program")


class _DType:
    def __init__(self, code="", *_):
        self.code = code

    def __setstate__(self, state):
        self.order = state[1] if isinstance(state, tuple) and len(state) > 1 and state[1] in ("<", ">") else "="


class _Array:
    def __init__(self, *_):
        self.state = None

    def __setstate__(self, state):
        self.state = state


def _encode(text, *_):
    return text.encode("latin-1")


def _read_scalar(dtype, data):
    if not isinstance(dtype, _DType) or dtype.code not in _NUMBERS or not isinstance(data, bytes):
        raise ValueError("it holds a value that is not a number")
    return np.frombuffer(data, np.dtype(dtype.code).newbyteorder(getattr(dtype, "order", "=")))[0].item()


def _unwrap(value):
    if not isinstance(value, _Array):
        return value
    _, shape, dtype, is_fortran, data = value.state
    if isinstance(data, list):  # in the order of C, whatever `is_fortran` says
        array = np.empty(len(data), object)
        array[:] = [_unwrap(item) for item in data]
        return array.reshape(shape)
    if dtype.code not in _NUMBERS:
        raise ValueError("it holds an array that is neither numbers nor text")
    array = np.frombuffer(data, np.dtype(dtype.code).newbyteorder(getattr(dtype, "order", "="))).astype(object)
    return array.reshape(shape, order="F" if is_fortran else "C")
