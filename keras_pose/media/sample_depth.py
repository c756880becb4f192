"""The depth of a picture's samples: 8 bits, or 16 of which a camera may use only 10, 12 or 14.

The header of a PNG or TIFF tells how many bits a sample takes, and sometimes how many of them are used: `sBIT` of a
PNG, `MaxSampleValue` or `SMaxSampleValue` of a TIFF. A tag that the samples contradict is not believed: writers that
follow the PNG standard scale samples up to the full range and keep the camera's depth in `sBIT`.
"""

from __future__ import annotations

import dataclasses
import io

from PIL import TiffImagePlugin

from keras_pose.media import pillow, value_range
from keras_pose.media.wholeness import PNG_START

_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# Tags of a TIFF.
_BITS_PER_SAMPLE, _PHOTOMETRIC, _MAX_VALUE, _SAMPLE_FORMAT, _SIGNED_MAX_VALUE = 258, 262, 281, 339, 341
_LOG_LUV = (32844, 32845)
_SAMPLE_FORMATS = {1: "unsigned whole", 2: "signed whole", 3: "float", 4: "undefined", 5: "complex", 6: "complex float"}


@dataclasses.dataclass(frozen=True)
class SampleDepth:
    """What the header of a picture tells about its samples.

    Args:
      stored: bits that a sample takes, 1 to 16; 0 if this header does not tell (formats other than PNG and TIFF).
      stated: bits that are used, as a tag states it; 0 without a tag.
      fault: why such samples cannot be used, for a message; empty if they can.
    """

    stored: int = 0
    stated: int = 0
    fault: str = ""


def read_depth(data: bytes) -> SampleDepth:
    """Reads the depth of a picture from its header; cheap."""
    if data.startswith(PNG_START) and len(data) > 24:
        return SampleDepth(data[24], _png_stated_bits(data) if data[24] == 16 else 0)
    if is_tiff(data):
        return _tiff_depth(data)
    return SampleDepth()


def is_tiff(data: bytes) -> bool:
    """Whether the data begins like a TIFF file."""
    return data.startswith(_TIFF_STARTS)


def used_bits(stated: int, peak: int) -> int:
    """Returns how many bits samples of 16 bits use: as a tag states, unless the peak contradicts it; else by the peak.

    Args:
      stated: bits that a tag states; 0 without one.
      peak: the largest sample, 0 to 65535.
    """
    if 8 <= stated <= 16 and peak < 1 << stated:
        return stated
    return value_range.significant_bits(peak)


def _png_stated_bits(data):
    position = len(PNG_START)
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        kind = data[position + 4 : position + 8]
        if kind == b"sBIT" and 1 <= length <= 4:
            return max(data[position + 8 : position + 8 + length][: 3 if length > 2 else 1], default=0)
        if kind in (b"IDAT", b"IEND"):
            break
        position += 12 + length
    return 0


def _tiff_depth(data):
    tags = _tiff_tags(data)
    stored = max(_numbers(tags.get(_BITS_PER_SAMPLE, 1)), default=1)
    kind = max(_numbers(tags.get(_SAMPLE_FORMAT, 1)), default=1)
    if tags.get(_PHOTOMETRIC) in _LOG_LUV:
        return SampleDepth(stored, 0, "float samples (LogLuv)")
    if stored > 16 or kind not in (1, 4):
        return SampleDepth(stored, 0, f"{_SAMPLE_FORMATS.get(kind, 'unknown')} samples of {stored} bits")
    largest = max(_numbers(tags.get(_SIGNED_MAX_VALUE)) + _numbers(tags.get(_MAX_VALUE)), default=0)
    if 8 < stored < 16:  # packed: OpenCV scales them to 16 bits
        return SampleDepth(16, 16)
    stated = value_range.significant_bits(int(largest)) if stored == 16 and 0 < largest < 1 << 16 else 0
    return SampleDepth(stored, stated)


def _tiff_tags(data):
    """The tags of the first picture of a TIFF; none if they cannot be read: decoding it tells what is wrong."""
    try:
        with pillow.without_warnings():
            directory = TiffImagePlugin.ImageFileDirectory_v2(
                data[: 16 if data[2:3] == b"+" or data[3:4] == b"+" else 8]
            )
            file = io.BytesIO(data)
            file.seek(directory.next)
            directory.load(file)
            return dict(directory)
    except pillow.UNREADABLE:
        return {}


def _numbers(value):
    values = value if isinstance(value, (tuple, list)) else [value]
    return [v for v in values if isinstance(v, (int, float))]
