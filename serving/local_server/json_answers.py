"""The body of the answer to a predict request, from tensors.

Row format: "predictions", one item for each row. Column format: "outputs", one item for each tensor.
"""

from __future__ import annotations

import base64
import json

import numpy as np

from serving.local_server.errors import invalid
from serving.local_server.json_tensors import type_name


def write_answer(outputs, row_format):
    """Returns the body (bytes) of the answer.

    Args:
      outputs: dict of output name to numpy array. Strings in outputs whose name ends in "_bytes" become base64.
      row_format: bool.

    Raises:
      ServingError: INVALID_ARGUMENT where the outputs do not have rows in common, or a type that JSON has no place for.
    """
    if row_format:
        _check_rows(outputs)
    values = {name: json_from_tensor(array, name.endswith("_bytes")) for name, array in sorted(outputs.items())}
    if len(values) == 1:
        (answer,) = values.values()
    elif row_format:
        answer = [dict(zip(values, row)) for row in zip(*values.values())]
    else:
        answer = values
    key = "predictions" if row_format else "outputs"
    return json.dumps({key: answer}, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _check_rows(outputs):
    num_rows = None
    for name, array in outputs.items():
        if np.ndim(array) == 0:
            raise invalid(f"Tensor name: {name} has no shape information")
        if num_rows not in (None, len(array)):
            raise invalid(f"Tensor name: {name} has inconsistent batch size: {len(array)} expecting: {num_rows}")
        num_rows = len(array)


def json_from_tensor(array, as_base64=False):
    """Converts an array to what `json.dumps` takes.

    Args:
      array: numpy array; object arrays hold bytes.
      as_base64: bool, write strings as `{"b64": …}`.

    Returns:
      Nested lists. A float32 becomes the double whose shortest digits give that float32 back.

    Raises:
      ServingError: INVALID_ARGUMENT for types that JSON has no place for.
    """
    if array.dtype.kind == "O":
        write = _base64_object if as_base64 else _text
        return np.frompyfunc(write, 1, 1)(array).tolist() if array.ndim else write(array.item())
    if array.dtype.kind not in "fiub":
        raise invalid(f"Failed to write JSON value for tensor type: {type_name(array.dtype)}")
    if array.dtype.kind == "f" and array.dtype.itemsize < 8:
        array = shortest_doubles(array.astype(np.float32))
    return array.tolist()


def _base64_object(value):
    return {"b64": base64.b64encode(value).decode("ascii")}


def _text(value):
    return value.decode("utf-8", errors="replace")


def shortest_doubles(array):
    """Returns doubles that print with as few digits as it takes to give the same float32 back.

    Args:
      array: float32 of any shape.

    Returns:
      float64 of that shape; NaN and infinities as they are.
    """
    if array.size < 64:  # one by one is quicker than a dozen passes over a small array
        return np.array([float(str(value)) for value in array.ravel()], dtype=np.float64).reshape(array.shape)
    wide = array.astype(np.float64)
    magnitude = np.abs(wide)
    # Within these bounds the power of ten is exact in a double, and so is the division: its result is the double
    # nearest to the decimal number, which Python prints with just these digits.
    plain = (magnitude > 1e-12) & (magnitude < 1e12)
    result = wide.copy()
    exponent = np.floor(np.log10(magnitude, where=plain, out=np.zeros_like(wide)))
    open_ = plain.copy()
    for digits in range(6, 10):  # six digits of a float32 are always its own: fewer come out as such
        if not open_.any():
            break
        places = digits - 1 - exponent
        scale = 10.0 ** np.abs(places)
        rounded = np.where(places >= 0, np.round(wide * scale) / scale, np.round(wide / scale) * scale)
        found = open_ & (rounded.astype(np.float32) == array)
        result[found] = rounded[found]
        open_ &= ~found
    for index in np.argwhere((~plain & np.isfinite(array) & (array != 0)) | open_):
        result[tuple(index)] = float(str(array[tuple(index)]))
    return result
