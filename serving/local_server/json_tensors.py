"""Converts JSON values to tensors with TensorFlow Serving's rules.

A tensor is a nested list. A string may be `{"b64": …}`. Numbers may be NaN, Infinity and -Infinity. Every value is
checked, but a whole level of the list at a time: an image sent as numbers has hundreds of thousands of them.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json
from typing import Any

import numpy as np
import numpy.typing as npt

from serving.local_server.errors import ServingError, invalid_argument

LARGEST_RANK = 32  # the limit of NumPy 1
# The values of these tokens for `json.loads` (`parse_constant`). Identity tells them apart from a number like 1e999,
# which also becomes infinite but is an error.
NUMBER_TOKENS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_TYPE_NAMES = {dict: "Object", list: "Array", str: "String", bool: "Bool", int: "Number", float: "Number"}
_LEAF_TYPES: dict[str, set[type]] = {"f": {int, float}, "i": {int}, "u": {int}, "b": {bool}, "O": {str, dict}}


def tensor_from_json(value: Any, dtype: npt.DTypeLike) -> np.ndarray:
    """Converts a JSON value to an array.

    Args:
      value: a value from `json.loads`: a number, bool, string, `{"b64": …}` or nested lists of these.
      dtype: type of the array; object stands for strings, which become bytes.

    Returns:
      An array of type `dtype` with the shape of the nested lists.

    Raises:
      ServingError: INVALID_ARGUMENT if lists are ragged or a value does not fit the type.
    """
    # Flatten the lists and check the types of all values.
    shape, leaves = _flatten(value)
    dtype = np.dtype(dtype)
    if dtype.kind not in _LEAF_TYPES:
        raise ServingError(
            "UNIMPLEMENTED", f"Conversion of JSON Value: {format_json(value)} to type: {type_name(dtype)}"
        )
    allowed = _LEAF_TYPES[dtype.kind]
    if not set(map(type, leaves)) <= allowed:
        wrong = next(leaf for leaf in leaves if type(leaf) not in allowed)
        if isinstance(wrong, list):
            raise invalid_argument(f"Encountered list at unexpected level: {len(shape)} expected < {len(shape)}")
        raise _type_error(wrong, dtype)
    # Convert the values and restore the shape.
    if dtype.kind == "O":
        array = np.empty(len(leaves), dtype=object)
        array[:] = [string_from_json(leaf) for leaf in leaves]
    elif dtype.kind == "f":
        array = _floats(leaves, dtype)
    else:
        array = _integers(leaves, dtype)
    return array.reshape(shape)


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
                f"JSON Value: {format_json(wrong)} found at incorrect level: {len(shape) + 1} in the JSON DOM. "
                f"Expected at level: {len(shape) + 1 + _depth(level[0])}"
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
    while isinstance(value, list) and value:
        value = value[0]
        depth += 1
    return depth


def _floats(leaves, dtype):
    # Up to this integer, the float type represents every integer exactly.
    largest_exact = 2 ** (np.finfo(dtype).nmant + 1) - 1
    for leaf in leaves:
        if type(leaf) is int and abs(leaf) > largest_exact:
            raise _precision_error(leaf, dtype)
    # Only the token Infinity may be infinite.
    wide = np.array(leaves, dtype=np.float64)
    for index in np.flatnonzero(np.isinf(wide)):
        if not any(leaves[index] is token for token in NUMBER_TOKENS.values()):
            raise invalid_argument("JSON Parse error: a number is too big to be stored in a double")
    # Refuse numbers outside the range of the float type.
    too_large = np.isfinite(wide) & (np.abs(wide) > float(np.finfo(dtype).max))
    if too_large.any():
        raise _precision_error(float(wide[too_large][0]), dtype)
    return wide.astype(dtype)


def _integers(leaves, dtype):
    if dtype.kind != "b" and leaves:
        limits = np.iinfo(dtype)
        for extreme in (min(leaves), max(leaves)):
            if not limits.min <= extreme <= limits.max:
                raise _type_error(extreme, dtype)
    return np.array(leaves, dtype=dtype)


def string_from_json(value: Any) -> bytes:
    """Returns the bytes of a JSON string or of a `{"b64": …}` object.

    Raises:
      ServingError: INVALID_ARGUMENT for another object, invalid base64, or text with half of a surrogate pair.
    """
    if isinstance(value, str):
        try:
            return value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise invalid_argument(
                f"JSON Value: {format_json(value)} contains half of a surrogate pair and is not valid text"
            ) from error
    if not is_base64_object(value):
        raise invalid_argument(f"JSON Value: {format_json(value)} not formatted correctly for base64 data")
    return _decode_base64(value["b64"])


def is_base64_object(value: Any) -> bool:
    """Returns whether a JSON value is an object with the single key "b64" and a string as its value."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("b64"), str)


def _decode_base64(text):
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        pass
    # A slower second attempt: TensorFlow Serving also accepts white space and missing padding.
    packed = "".join(text.split()).rstrip("=")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_argument("Unable to base64 decode") from error


def type_name(dtype: npt.DTypeLike) -> str:
    """Returns TensorFlow's name of a NumPy type, such as "float", "uint8" or "string"."""
    dtype = np.dtype(dtype)
    return {"O": "string"}.get(dtype.kind) or {"float32": "float", "float64": "double", "float16": "half"}.get(
        dtype.name, dtype.name
    )


def format_json(value: Any, longest: int = 120) -> str:
    """Returns a JSON value as text for a message, shortened to about `longest` characters."""
    if isinstance(value, list) and len(value) > 8:
        value = [*value[:8], "..."]
    if isinstance(value, str):
        text = json.dumps(value[:longest])
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{json.dumps(key[:longest])}: …" for key in itertools.islice(value, 8)) + "}"
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**256:
        text = "a number of more than 256 bits"
    elif isinstance(value, list):
        text = "[" + ", ".join(format_json(item, 20) if not isinstance(item, list) else "[…]" for item in value) + "]"
    else:
        text = json.dumps(value)
    return text if len(text) <= longest + 2 else text[:longest] + "…"


def _type_error(value, dtype):
    kind = _TYPE_NAMES.get(type(value), "Null")
    return invalid_argument(
        f"JSON Value: {format_json(value)} Type: {kind} is not of expected type: {type_name(dtype)}"
    )


def _precision_error(value, dtype):
    return invalid_argument(
        f"Cannot convert JSON value: {format_json(value)} to {type_name(dtype)} without loss of precision."
    )
