"""Whether a video file begins with a keyframe, as its container says.

FFmpeg does not call a packet a keyframe if the data of the frame is damaged. What the container says tells such a file
from a recording that begins in the middle of a stream.
"""

from __future__ import annotations

from typing import Any

_SIMPLE_BLOCK = 0xA3
_KEYFRAME = 0x80  # in the flags of a block


def is_listed_keyframe(path: str, stream: Any, format_name: str, packet: Any) -> bool:
    """Whether the container has a packet as a keyframe; True if it does not say.

    Args:
      path: path of the file.
      stream: its video stream.
      format_name: FFmpeg's name of the format: "avi", "mov" or "matroska"; others do not say it.
      packet: the packet, as FFmpeg reads it.
    """
    if packet.is_keyframe or packet.pos is None:
        return True
    if format_name == "matroska":
        return _has_keyframe_flag(path, packet.pos)
    header = 8 if format_name == "avi" else 0  # the index of an AVI file points to the header of a packet
    entries = getattr(stream, "index_entries", None) or ()
    return next((entry.is_keyframe for entry in entries if entry.pos + header == packet.pos), True)


def _has_keyframe_flag(path, place):
    """Whether the block of a Matroska file whose content begins at a place has the flag; True without flags."""
    with open(path, "rb") as file:
        start = max(0, place - 9)
        file.seek(start)
        data = file.read(32)
    place -= start
    sizes = (place - length for length in range(1, 9) if place > length)
    if not any(data[at - 1] == _SIMPLE_BLOCK and _length(data[at]) == place - at for at in sizes):
        return True  # a group of blocks
    flags = place + _length(data[place]) + 2  # behind the number of the track and the time
    return bool(data[flags] & _KEYFRAME) if flags < len(data) else True


def _length(first):
    """How many bytes a number of variable length has, by its first byte."""
    return 9 - first.bit_length()
