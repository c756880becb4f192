"""Converts JSON values to tensors with TensorFlow Serving's rules.

A tensor is a nested list. A string may be `{"b64": …}`. Integers of at most 32 bits are read as int32 and wrap around;
floats are rounded, or become infinite. Every value is checked, but a whole level of the list at a time: an image sent
as numbers has hundreds of thousands of them.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

from serving.local_server.base64_text import decode_base64
from serving.local_server.errors import Quoted, ServingError, invalid_argument
from serving.local_server.json_text import type_of

LARGEST_RANK = 32  # the limit of NumPy 1
# Types that have a JSON form, each with the type whose range its numbers must have.
JSON_RANGES: dict[str, type] = {
    **dict.fromkeys(("int32", "int16", "int8", "uint8"), np.int32),
    **{"int64": np.int64, "uint32": np.uint32, "uint64": np.uint64, "bool": np.bool_},
    **{"float32": np.float64, "float64": np.float64, "object": np.object_},
}
_LEAF_TYPES: dict[str, set[type]] = {"f": {int, float}, "i": {int}, "u": {int}, "b": {bool}, "O": {str, dict}}


def tensor_from_json(value: Any, dtype: npt.DTypeLike) -> np.ndarray:
    """Converts a JSON value to an array.

    Args:
      value: a value from `parse_json`: a number, bool, string, `{"b64": …}` or nested lists of these.
      dtype: type of the array; object stands for strings, which become bytes.

    Returns:
      An array of type `dtype` with the shape of the nested lists.

    Raises:
      ServingError: INVALID_ARGUMENT if lists are ragged or a value does not fit the type, UNIMPLEMENTED if there are
        values and the type has no JSON form.
    """
    shape, leaves = _flatten(value)
    dtype = np.dtype(dtype)
    if not leaves:
        return np.empty(shape, dtype)
    _check_types(leaves, dtype, len(shape))
    if dtype.kind == "O":
        array = np.empty(len(leaves), dtype=object)
        array[:] = [string_from_json(leaf) for leaf in leaves]
    elif dtype.kind == "f":
        array = _floats(leaves, dtype)
    else:
        array = _integers(leaves, dtype)
    return array.reshape(shape)


def _check_types(leaves, dtype, rank):
    allowed = _LEAF_TYPES[dtype.kind] if dtype.name in JSON_RANGES else set()
    if set(map(type, leaves)) <= allowed:
        return
    wrong = next(leaf for leaf in leaves if type(leaf) not in allowed)
    if isinstance(wrong, list):
        raise invalid_argument(f"Encountered list at unexpected level: {rank} expected < {rank}")
    if allowed or isinstance(wrong, dict):
        raise _type_error(wrong, dtype)
    raise ServingError("UNIMPLEMENTED", "Conversion of JSON Value: ", Quoted(wrong), f" to type: {type_name(dtype)}")


def _flatten(value):
    """Returns the shape of nested lists and their leaves in order, or raises if the lists are ragged."""
    shape: list[int] = []
    level = [value]
    while level and isinstance(level[0], list):
        if len(shape) == LARGEST_RANK:
            raise invalid_argument(f"Lists are nested deeper than {LARGEST_RANK} levels")
        size = len(level[0])
        if set(map(type, level)) != {list}:
            wrong = next(item for item in level if not isinstance(item, list))
            raise invalid_argument(
                "JSON Value: ",
                Quoted(wrong),
                f" found at incorrect level: {len(shape) + 1} in the JSON DOM. "
                f"Expected at level: {len(shape) + _depth(level[0])}",
            )
        if set(map(len, level)) != {size}:
            wrong = next(len(item) for item in level if len(item) != size)
            raise invalid_argument(
                f"Encountered list at unexpected size: {wrong} at level: {len(shape)} expected size: {size}"
            )
        shape.append(size)
        level = list(itertools.chain.from_iterable(level))
    return shape, level


def _depth(value):
    depth = 0
    while isinstance(value, list):
        depth += 1
        value = value[0] if value else None
    return depth


def _floats(leaves, dtype):
    try:
        wide = np.array(leaves, dtype=np.float64)
    except OverflowError as error:  # not from `parse_json`
        raise invalid_argument("JSON Parse error: Number too big to be stored in double.") from error
    with np.errstate(over="ignore"):
        return wide.astype(dtype)


def _integers(leaves, dtype):
    wide = JSON_RANGES[dtype.name]
    if dtype.kind != "b":
        limits = np.iinfo(wide)
        for extreme in (min(leaves), max(leaves)):
            if not limits.min <= extreme <= limits.max:
                raise _type_error(extreme, dtype)
    return np.array(leaves, dtype=wide).astype(dtype)


def string_from_json(value: Any) -> bytes:
    """Returns the bytes of a JSON string or of a `{"b64": …}` object.

    Raises:
      ServingError: INVALID_ARGUMENT for another object or invalid base64.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if not is_base64_object(value):
        raise invalid_argument("JSON Value: ", Quoted(value), " not formatted correctly for base64 data")
    return decode_base64(value["b64"])


def is_base64_object(value: Any) -> bool:
    """Returns whether a JSON value is an object with the single key "b64" and a string as its value."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("b64"), str)


def type_name(dtype: npt.DTypeLike) -> str:
    """Returns TensorFlow's name of a NumPy type, such as "float", "uint8" or "string"."""
    dtype = np.dtype(dtype)
    return {"O": "string"}.get(dtype.kind) or {"float32": "float", "float64": "double", "float16": "half"}.get(
        dtype.name, dtype.name
    )


def _type_error(value, dtype):
    return invalid_argument(
        "JSON Value: ", Quoted(value), f" Type: {type_of(value)} is not of expected type: {type_name(dtype)}"
    )
