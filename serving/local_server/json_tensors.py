"""Tensors from JSON values, as TensorFlow Serving maps them.

A tensor is a nested list, a string may be `{"b64": …}`, numbers may be NaN, Infinity and -Infinity. Types are checked
value by value, yet by whole levels of the list at once: a picture sent as numbers has 100,000s of them.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json

import numpy as np

from serving.local_server.errors import ServingError, invalid

LARGEST_RANK = 32  # what every NumPy can hold
# What `json.loads` is to give for these tokens (`parse_constant`). Infinity is known by identity: a number like 1e999
# also becomes infinite, and is an error.
NUMBER_TOKENS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_TYPE_NAMES = {dict: "Object", list: "Array", str: "String", bool: "Bool", int: "Number", float: "Number"}
_LEAF_TYPES = {"f": {int, float}, "i": {int}, "u": {int}, "b": {bool}, "O": {str, dict}}


def tensor_from_json(value, dtype):
    """Converts a JSON value to an array.

    Args:
      value: what `json.loads` gave: a number, bool, string, `{"b64": …}` or nested lists of these.
      dtype: numpy.dtype; object stands for strings, whose values become bytes.

    Returns:
      numpy array of `dtype`, of the shape of the nested lists.

    Raises:
      ServingError: INVALID_ARGUMENT where lists are ragged or a value does not fit the type.
    """
    shape, leaves = _flatten(value)
    dtype = np.dtype(dtype)
    if dtype.kind not in _LEAF_TYPES:
        raise ServingError("UNIMPLEMENTED", f"Conversion of JSON Value: {shown(value)} to type: {type_name(dtype)}")
    allowed = _LEAF_TYPES[dtype.kind]
    if not set(map(type, leaves)) <= allowed:
        wrong = next(leaf for leaf in leaves if type(leaf) not in allowed)
        if isinstance(wrong, list):
            raise invalid(f"Encountered list at unexpected level: {len(shape)} expected < {len(shape)}")
        raise _type_error(wrong, dtype)
    if dtype.kind == "O":
        array = np.empty(len(leaves), dtype=object)
        array[:] = [string_from_json(leaf) for leaf in leaves]
    elif dtype.kind == "f":
        array = _floats(leaves, dtype)
    else:
        array = _integers(leaves, dtype)
    return array.reshape(shape)


def _flatten(value):
    """Returns the shape of nested lists and their leaves, in order. Leaves that should be lists raise."""
    shape, level = [], [value]
    while level and isinstance(level[0], list):
        if len(shape) == LARGEST_RANK:
            raise invalid(f"Lists are nested deeper than {LARGEST_RANK} levels")
        size = len(level[0])
        if set(map(type, level)) != {list}:
            wrong = next(item for item in level if not isinstance(item, list))
            raise invalid(
                f"JSON Value: {shown(wrong)} found at incorrect level: {len(shape) + 1} in the JSON DOM. "
                f"Expected at level: {len(shape) + 1 + _depth(level[0])}"
            )
        if set(map(len, level)) != {size}:
            wrong = next(len(item) for item in level if len(item) != size)
            raise invalid(f"Encountered list at unexpected size: {wrong} at level: {len(shape)} expected size: {size}")
        shape.append(size)
        level = list(itertools.chain.from_iterable(level))
    return shape, level


def _depth(value):
    depth = 0
    while isinstance(value, list) and value:
        value, depth = value[0], depth + 1
    return depth


def _floats(leaves, dtype):
    # The largest whole number that a float of this many digits holds together with all the smaller ones.
    largest_whole = 2 ** (np.finfo(dtype).nmant + 1) - 1
    for leaf in leaves:
        if type(leaf) is int and abs(leaf) > largest_whole:
            raise _lossy(leaf, dtype)
    wide = np.array(leaves, dtype=np.float64)
    for index in np.flatnonzero(np.isinf(wide)):
        if not any(leaves[index] is token for token in NUMBER_TOKENS.values()):
            raise invalid("JSON Parse error: a number is too big to be stored in a double")
    beyond = np.isfinite(wide) & (np.abs(wide) > float(np.finfo(dtype).max))
    if beyond.any():
        raise _lossy(float(wide[beyond][0]), dtype)
    return wide.astype(dtype)


def _integers(leaves, dtype):
    if dtype.kind != "b" and leaves:
        limits = np.iinfo(dtype)
        for extreme in (min(leaves), max(leaves)):
            if not limits.min <= extreme <= limits.max:
                raise _type_error(extreme, dtype)
    return np.array(leaves, dtype=dtype)


def string_from_json(value):
    """Returns the bytes of a JSON string or of a `{"b64": …}` object.

    Raises:
      ServingError: INVALID_ARGUMENT for another object, for bad base64 and for text that is no Unicode.
    """
    if isinstance(value, str):
        try:
            return value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise invalid(f"JSON Value: {shown(value)} holds half of a surrogate pair, which is no text") from error
    if not is_base64_object(value):
        raise invalid(f"JSON Value: {shown(value)} not formatted correctly for base64 data")
    return _decode_base64(value["b64"])


def is_base64_object(value):
    """Says whether a JSON value is an object with the one key "b64" and a string."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("b64"), str)


def _decode_base64(text):
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        pass
    # Slower, for what TensorFlow Serving accepts beside: white space, and padding left out.
    packed = "".join(text.split()).rstrip("=")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("Unable to base64 decode") from error


def type_name(dtype):
    """Returns TensorFlow's name of a NumPy type: "float", "uint8", "string"."""
    dtype = np.dtype(dtype)
    return {"O": "string"}.get(dtype.kind) or {"float32": "float", "float64": "double", "float16": "half"}.get(
        dtype.name, dtype.name
    )


def shown(value, longest=120):
    """Returns a JSON value as text for a message, cut where it is long."""
    if isinstance(value, list) and len(value) > 8:
        value = [*value[:8], "..."]
    if isinstance(value, str):
        text = json.dumps(value[:longest])
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{json.dumps(key[:longest])}: …" for key in itertools.islice(value, 8)) + "}"
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**256:
        text = "a number of more than 256 bits"
    elif isinstance(value, list):
        text = "[" + ", ".join(shown(item, 20) if not isinstance(item, list) else "[…]" for item in value) + "]"
    else:
        text = json.dumps(value)
    return text if len(text) <= longest + 2 else text[:longest] + "…"


def _type_error(value, dtype):
    kind = _TYPE_NAMES.get(type(value), "Null")
    return invalid(f"JSON Value: {shown(value)} Type: {kind} is not of expected type: {type_name(dtype)}")


def _lossy(value, dtype):
    return invalid(f"Cannot convert JSON value: {shown(value)} to {type_name(dtype)} without loss of precision.")
