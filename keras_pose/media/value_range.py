"""Range of values: how samples of more than 8 bits become 8 bits.

Videos and pictures of cameras with 10, 12 or 14 bits are often stored in files of 16 bits that do not state the depth.
The largest value then tells it: a file whose peak is 4095 holds 12 bits. One depth applies to a whole file, never to a
single frame, because frames of one video must keep their brightness relative to each other.
"""

from __future__ import annotations

import functools

import numpy as np

DEPTHS = (8, 10, 12, 14, 16)


def significant_bits(peak: int) -> int:
    """Returns the smallest depth of `DEPTHS` that holds the value `peak`.

    Example: 255 gives 8, 256 and 1023 give 10, 4095 gives 12, 65535 gives 16.

    Raises:
      ValueError: if `peak` is negative or above 65535.
    """
    for bits in DEPTHS:
        if 0 <= peak < 1 << bits:
            return bits
    raise ValueError(f"expected a peak from 0 to 65535, received {peak}")


def to_8_bits(array: np.ndarray, bits: int) -> np.ndarray:
    """Scales samples to 8 bits: 0 stays 0, 2**bits − 1 becomes 255, values between are rounded to the nearest.

    Args:
      array: uint16 of any shape.
      bits: depth of the samples, 8 to 16; a value that needs more bits becomes 255.

    Returns:
      uint8 of the same shape.

    Raises:
      ValueError: for another type or depth.
    """
    if array.dtype != np.uint16:
        raise ValueError(f"expected samples in uint16, received {array.dtype}")
    if not 8 <= bits <= 16:
        raise ValueError(f"expected a depth of 8 to 16 bits, received {bits}")
    return _table(int(bits))[array]


@functools.cache
def _table(bits):
    """uint8 [65536], the 8-bit value of each 16-bit value."""
    top = (1 << bits) - 1
    values = np.minimum(np.arange(1 << 16), top)
    table = ((values * 255 * 2 + top) // (2 * top)).astype(np.uint8)
    table.flags.writeable = False
    return table
