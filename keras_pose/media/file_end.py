"""Whether a video file ends before its last frame, and how many frames its container states behind the last one read.

Containers often state a wrong number of frames (H.264 in AVI: twice as many), so this number counts only if the file
is shorter than its header says, or bytes of it could not be read.
"""

from __future__ import annotations

import os
import re
from typing import Any

_UNKNOWN_SIZES = (0, 0xFFFFFFFF)


def is_cut(path: str) -> bool:
    """Whether the file is shorter than its own header says (AVI, Matroska, MP4); False for other formats."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        head = file.read(4096)
        if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
            stated = int.from_bytes(head[4:8], "little")
            return stated not in _UNKNOWN_SIZES and stated + 8 > size
        if head[:4] == b"\x1a\x45\xdf\xa3":
            return (_matroska_end(head) or 0) > size
        return head[4:8] == b"ftyp" and _boxes_end(file, size) > size


def frames_after(container: Any, stream: Any, last_number: int, last_time: int | None) -> int:
    """Returns how many frames the container states behind the last packet that was read; 0 if it does not say.

    Args:
      container: the opened container.
      stream: its video stream.
      last_number: number of packets read, less 1.
      last_time: time of the last frame, in units of the stream's time base (AVI: in decoding order).
    """
    names = container.format.name.split(",")
    if "mov" in names:
        return max(0, stream.frames - 1 - last_number)
    if last_time is None:
        return 0
    if "avi" in names:  # times count chunks; some files have an empty chunk after each frame
        step = max(1, round(last_time / last_number)) if last_number > 0 else 1
        return max(0, round((stream.frames - last_time - step) / step)) if stream.frames else 0
    seconds = _stated_seconds(container, stream) if "matroska" in names else None
    rate = stream.guessed_rate or stream.average_rate
    if seconds is None or not rate:
        return 0
    return max(0, round((seconds - float(last_time * stream.time_base)) * float(rate)) - 1)


def _stated_seconds(container, stream):
    """When the last frame ends, as a Matroska file states it."""
    tag = next((value for key, value in stream.metadata.items() if key.upper().startswith("DURATION")), "")
    found = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", tag.strip())
    if found:
        return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])
    if len(container.streams) == 1 and container.duration:  # in other files another stream may be longer
        return container.duration / 1e6
    return None


def _matroska_end(head):
    """The first byte behind the segment of a Matroska file, or None if the header does not say."""
    place = head.find(b"\x18\x53\x80\x67")
    if place < 0 or place + 12 > len(head):
        return None
    first = head[place + 4]
    length = next((k + 1 for k in range(8) if first & (0x80 >> k)), None)
    if length is None:
        return None
    size = int.from_bytes(head[place + 4 : place + 4 + length], "big") & ((1 << 7 * length) - 1)
    return None if size == (1 << 7 * length) - 1 else place + 4 + length + size


def _boxes_end(file, size):
    """The first byte behind the last box of an MP4 file, as far as the boxes follow each other."""
    place = 0
    while place + 8 <= size:
        file.seek(place)
        box = file.read(16)
        length = int.from_bytes(box[:4], "big")
        if length == 1:
            length = int.from_bytes(box[8:16], "big")
        if length < 8:  # 0: up to the end of the file
            return size
        place += length
    return place
