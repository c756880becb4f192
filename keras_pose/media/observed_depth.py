"""The depth of videos in formats of 16 bits, which do not say how many of them a camera fills."""

from __future__ import annotations

import warnings

from keras_pose.media.decoding import FrameDecoder
from keras_pose.media.messages import MediaWarning
from keras_pose.media.pixels import PixelConverter
from keras_pose.media.value_range import significant_bits
from keras_pose.media.watch import DamageError


def observed_bits(path: str) -> int:
    """Returns the depth of a video in a format of 16 bits, by the largest value of all its frames.

    Warns if it is below 16.
    """
    converter = PixelConverter()
    try:
        peak = _peak(converter, FrameDecoder(path))
    except DamageError:
        peak = _peak(converter, FrameDecoder(path, careful=True))
    bits = significant_bits(peak)
    if bits < 16:
        text = f"{path}: its format has 16 bits, but its largest value is {peak}: read as {bits} bits"
        warnings.warn(f"{text}, so that {2**bits - 1} becomes 255", MediaWarning, stacklevel=2)
    return bits


def _peak(converter, decoder):
    try:
        return max(converter.peak(frame) for frame in decoder)
    finally:
        decoder.close()
