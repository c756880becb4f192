"""Decoded frames as 8-bit RGB: conversion, range of values, orientation.

Colours are converted as OpenCV 4 does it, because labelled pictures were mostly cut with it: by BT.601, whatever the
file states, with bicubic chroma. Formats of 9 to 14 bits are scaled by the depth that they declare. Formats of 16 bits
often hold fewer bits, which the file does not state; their depth is the one that their largest value needs.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from av.video.reformatter import VideoReformatter

from keras_pose.media.value_range import to_8_bits

_DEEP_GREY = ("gray16le", "gray16be", "ya16le", "ya16be")
_DEEP_COLOUR = tuple(
    name + order for name in ("rgb48", "bgr48", "rgba64", "bgra64", "gbrp16", "gbrap16") for order in ("le", "be")
)
# The orientation (1 to 8, as in EXIF) by whether a display matrix swaps x and y, and whether it reverses each.
_ORIENTATIONS = {
    (False, False, False): 1,
    (False, True, False): 2,
    (False, True, True): 3,
    (False, False, True): 4,
    (True, False, False): 5,
    (True, True, False): 6,
    (True, True, True): 7,
    (True, False, True): 8,
}


class PixelConverter:
    """Converts frames of one video to RGB; keeps FFmpeg's tables between frames.

    Args:
      bits: depth of the values, for formats of 16 bits.
    """

    def __init__(self, bits: int = 16) -> None:
        self.bits = bits
        self._reformatter = VideoReformatter()

    def to_rgb(self, frame: Any) -> np.ndarray:
        """Returns uint8 [H, W, 3], the frame as stored."""
        if is_deep(frame) and self.bits < 16:
            scaled = to_8_bits(self._deep_values(frame), self.bits)
            return np.repeat(scaled[..., None], 3, axis=-1) if scaled.ndim == 2 else scaled
        return self._reformat(frame, "rgb24").to_ndarray()

    def peak(self, frame: Any) -> int:
        """Returns the largest value of a frame in a format of 16 bits."""
        return int(self._deep_values(frame).max())

    def _deep_values(self, frame):
        """uint16 [H, W], or [H, W, 3] for colours."""
        name = "gray16le" if frame.format.name in _DEEP_GREY else "rgb48le"
        if frame.format.name != name:
            frame = self._reformat(frame, name)
        return frame.to_ndarray()

    def _reformat(self, frame, name):
        return self._reformatter.reformat(
            frame, format=name, interpolation="BICUBIC", src_colorspace="ITU601", dst_colorspace="ITU601"
        )


def is_deep(frame: Any) -> bool:
    """Whether the format of a frame has 16 bits, of which the values may need fewer."""
    return frame.format.name in _DEEP_GREY or frame.format.name in _DEEP_COLOUR


def frame_orientation(frame: Any) -> int:
    """Returns how players turn a frame, by its display matrix: 1 to 8, the values of `keras_pose.media.orientation`.

    A matrix that turns by another angle than a multiple of 90° counts as the nearest such multiple.
    """
    for data in list(frame.side_data.keys()):
        if data.type.name == "DISPLAYMATRIX":
            return _orientation(struct.unpack("=9i", bytes(data)[:36]))
    return 1


def _orientation(matrix):
    """The orientation of a display matrix: a point (x, y) is shown at (a·x + c·y, b·x + d·y)."""
    a, b, _, c, d = matrix[:5]
    swapped = abs(b) + abs(c) > abs(a) + abs(d)
    right, down = (c, b) if swapped else (a, d)
    if not right or not down:
        return 1
    return _ORIENTATIONS[swapped, right < 0, down < 0]
