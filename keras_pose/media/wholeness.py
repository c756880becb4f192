"""Whether the bytes of a picture are whole: truncated files are found, bytes behind the end of a whole one are ignored.

Phones append a video to a JPEG ("motion photo"), cameras a second picture (MPO), editors leave old bytes behind a PNG.
So the end is found from the front: by the segments of a JPEG, the chunks of a PNG. The end of an embedded thumbnail
does not count, and neither does an end marker in bytes that follow a truncated picture.
"""

from __future__ import annotations

import re

import av

JPEG_START = b"\xff\xd8"
PNG_START = b"\x89PNG\r\n\x1a\n"
# Each block of 8×8 px takes at least a bit, which is 512 px a byte; arithmetic coding takes a little less.
_MOST_PIXELS_PER_BYTE = 4096
_END, _SCAN = 0xD9, 0xDA
# In the data of a scan, 0xFF is followed by 0 or a restart marker; anything else begins a segment.
_SEGMENT_IN_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
# Segments that a picture may have: frames and tables, scans, application data, comments.
_SEGMENTS = frozenset([*range(0xC0, 0xD0), *range(0xDA, 0xF0), 0xFE])
_WITHOUT_LENGTH = frozenset([0x01, *range(0xD0, 0xD8)])


def has_end(data: bytes) -> bool:
    """Whether the data of a PNG or JPEG has its end; costs microseconds. For other formats the decoder decides: True.

    A JPEG whose data was cut and then closed by an end marker passes; `jpeg_decodes` finds it.
    """
    if data.startswith(PNG_START[:4]):
        return _png_has_end(data)
    if data.startswith(JPEG_START):
        return _jpeg_has_end(data)
    return bool(data)


def jpeg_can_hold(data: bytes, size_hw: tuple[int, int] | None) -> bool:
    """Whether the data of a JPEG is enough for its size. A damaged size of a gigapixel takes a minute to decode."""
    return size_hw is None or size_hw[0] * size_hw[1] <= _MOST_PIXELS_PER_BYTE * len(data)


def jpeg_decodes(data: bytes) -> bool | None:
    """Whether every block of a JPEG has its data; decodes it at a reduced size. None: this decoder cannot tell.

    OpenCV and Pillow fill the blocks whose data is missing with grey, if an end marker follows; FFmpeg refuses them.
    """
    decoder = av.CodecContext.create("mjpeg", "r")
    decoder.options = {"err_detect": "explode", "lowres": "3"}  # an eighth of the size
    decoder.thread_count = 1
    try:
        return bool(decoder.decode(av.Packet(data)) or decoder.decode(None))
    except av.error.InvalidDataError:
        return False
    except (av.error.FFmpegError, NotImplementedError, ValueError):
        return None  # CMYK, and other kinds of JPEG that FFmpeg does not read


def _png_has_end(data):
    position = len(PNG_START)
    while position + 12 <= len(data):
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        if end > len(data):
            return False
        if data[position + 4 : position + 8] == b"IEND":
            return True
        position = end
    return False


def _jpeg_has_end(data):
    position = len(JPEG_START)
    while True:
        position = data.find(b"\xff", position)  # decoders skip bytes between segments
        if position < 0 or position + 1 >= len(data):
            return False
        marker = data[position + 1]
        if marker == _END:
            return True
        if marker == 0xFF:  # padding
            position += 1
        elif marker in _WITHOUT_LENGTH or marker == 0:
            position += 2
        elif marker not in _SEGMENTS:
            return False
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
            if marker == _SCAN:
                found = _SEGMENT_IN_SCAN.search(data, position)
                if found is None:
                    return False
                position = found.start()
