"""Converts output tensors to the body of the answer to a predict request.

Row format: "predictions", one item per row. Column format: "outputs", one item per tensor.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from serving.local_server.errors import invalid_argument
from serving.local_server.json_tensors import type_name


def write_answer(outputs: Mapping[str, np.ndarray], row_format: bool) -> bytes:
    """Returns the body of the answer.

    Args:
      outputs: maps output names to arrays. Strings in outputs whose name ends in "_bytes" become base64.
      row_format: whether to write rows, else columns.

    Raises:
      ServingError: INVALID_ARGUMENT if the outputs differ in their number of rows, or have a type without a JSON form.
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
            raise invalid_argument(f"Tensor name: {name} has no shape information")
        if num_rows not in (None, len(array)):
            raise invalid_argument(
                f"Tensor name: {name} has inconsistent batch size: {len(array)} expecting: {num_rows}"
            )
        num_rows = len(array)


def json_from_tensor(array: np.ndarray, as_base64: bool = False) -> Any:
    """Converts an array to a value for `json.dumps`.

    Args:
      array: any shape; object arrays hold bytes.
      as_base64: write strings as `{"b64": …}`.

    Returns:
      Nested lists. A float32 becomes the double with the fewest digits that round to that float32.

    Raises:
      ServingError: INVALID_ARGUMENT for types without a JSON form.
    """
    if array.dtype.kind == "O":
        write = _base64_object if as_base64 else _text
        return np.frompyfunc(write, 1, 1)(array).tolist() if array.ndim else write(array.item())
    if array.dtype.kind not in "fiub":
        raise invalid_argument(f"Failed to write JSON value for tensor type: {type_name(array.dtype)}")
    if array.dtype.kind == "f" and array.dtype.itemsize < 8:
        array = shortest_doubles(array.astype(np.float32))
    return array.tolist()


def _base64_object(value):
    return {"b64": base64.b64encode(value).decode("ascii")}


def _text(value):
    return value.decode("utf-8", errors="replace")


def shortest_doubles(array: np.ndarray) -> np.ndarray:
    """Returns the doubles with the fewest digits that round to the given float32 values.

    Args:
      array: float32 of any shape.

    Returns:
      float64 of the same shape. NaN and infinities stay as they are.
    """
    if array.size < 64:  # for a small array, one by one is faster than a dozen passes
        return np.array([float(str(value)) for value in array.ravel()], dtype=np.float64).reshape(array.shape)
    wide = array.astype(np.float64)
    magnitude = np.abs(wide)
    # Within these bounds the power of ten is exact in a double. The result of the division is then the double nearest
    # to the decimal number, and Python prints it with exactly these digits.
    plain = (magnitude > 1e-12) & (magnitude < 1e12)
    result = wide.copy()
    exponent = np.floor(np.log10(magnitude, where=plain, out=np.zeros_like(wide)))
    # Try 6 to 9 digits, and keep the first that round to the same float32. Every decimal number of up to 6 digits
    # survives rounding to float32, so shorter numbers are found as well.
    remaining = plain.copy()
    for digits in range(6, 10):
        if not remaining.any():
            break
        places = digits - 1 - exponent
        scale = 10.0 ** np.abs(places)
        rounded = np.where(places >= 0, np.round(wide * scale) / scale, np.round(wide / scale) * scale)
        found = remaining & (rounded.astype(np.float32) == array)
        result[found] = rounded[found]
        remaining &= ~found
    # Convert very small, very large and remaining values one by one.
    for index in np.argwhere((~plain & np.isfinite(array) & (array != 0)) | remaining):
        result[tuple(index)] = float(str(array[tuple(index)]))
    return result
