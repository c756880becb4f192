"""Floats as decimal numbers: with the fewest digits, or with 6 or 9 digits as TensorFlow Serving writes them."""

from __future__ import annotations

import numpy as np


def serving_text(value: np.floating) -> str:
    """Returns a number as TensorFlow Serving writes it: with 6 digits if they suffice, else with all (9 or 17).

    Args:
      value: a float32 or float64.
    """
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    text = f"{value:.6g}"
    if type(value)(text) != value:
        text = f"{value:.9g}" if value.dtype == np.float32 else f"{value:.17g}"
    return text if "." in text or "e" in text else f"{text}.0"


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
