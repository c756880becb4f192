"""Packets that give no frame by nature, in undamaged videos too.

Of most codecs each packet gives one frame. Exceptions are told by the bytes of the packet: frames that are only for
reference (VP8, VP9), frames that repeat the one before (MPEG-4: "not coded"), and packets of headers alone (H.264,
HEVC). If any other packet gives no frame, a frame is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_START_CODE = b"\0\0\1"
_MANY_ZEROS = bytes(16)  # more than the padding of a packet
_HEADERS_BYTES = 256  # headers alone are not longer; more hides a picture behind a damaged mark
_NOT_CODED_BYTES = 8  # start code, type, time, flag: the whole packet of an MPEG-4 frame that is not coded
_H264_HEADERS = range(6, 13)  # kinds of units; pictures are 1 to 5
_HEVC_HEADERS = range(32, 41)  # pictures are 0 to 31
_H264_RESTART = 5  # the kind of unit of a picture that empties the memory of the decoder
_HEVC_RESTARTS = range(16, 24)  # kinds of units of pictures behind which nothing is shown that rests on earlier ones
HEADER_CODECS = ("h264", "hevc")  # whose silent packets hold headers alone
_ONE_FRAME = ("h264", "hevc", "mpeg4", "vp8", "vp9", "av1", "ffv1", "mpeg1video", "mpeg2video")


def is_exact(codec: str, intra_only: bool) -> bool:
    """Whether each packet of this codec gives one frame unless `is_silent`; `intra_only`: all frames are keyframes."""
    return intra_only or codec in _ONE_FRAME


def is_silent(codec: str, extradata: bytes | None, data: bytes | memoryview) -> bool:
    """Whether a packet gives no frame by nature.

    Args:
      codec: FFmpeg's name of the codec ("canonical_name").
      extradata: the global headers of the stream.
      data: the bytes of the packet.
    """
    if codec == "vp8":
        return _is_hidden_vp8(data)
    if codec == "vp9":
        return _is_hidden_vp9(data)
    if codec == "mpeg4":
        return len(data) <= _NOT_CODED_BYTES
    if codec not in HEADER_CODECS or len(data) > _HEADERS_BYTES:
        return False
    units = _first_bytes(codec, extradata, bytes(data))
    if codec == "h264":
        return _are_all((unit & 0x1F if unit < 0x80 else 0 for unit in units), _H264_HEADERS)
    return _are_all((unit >> 1 for unit in units), _HEVC_HEADERS)


def starts_decoding(codec: str, extradata: bytes | None, data: bytes | memoryview) -> bool:
    """Whether all frames that are shown from a keyframe on can be decoded without what came before it.

    FFmpeg also calls a frame of H.264 a keyframe from which the picture only recovers by and by.

    Args:
      codec: FFmpeg's name of the codec ("canonical_name").
      extradata: the global headers of the stream.
      data: the bytes of the packet of a keyframe.
    """
    if codec == "h264":
        return any(unit & 0x1F == _H264_RESTART for unit in _first_bytes(codec, extradata, bytes(data)))
    if codec == "hevc":
        return any(unit >> 1 in _HEVC_RESTARTS for unit in _first_bytes(codec, extradata, bytes(data)))
    return True


def _is_hidden_vp8(data):
    first_part = int.from_bytes(data[:3], "little") >> 5  # bytes
    is_key = not data[0] & 1
    return not is_key and 0 < first_part < len(data) and not data[0] & 0x10


def _is_hidden_vp9(data):
    if data[0] >> 6 != 2:
        return False
    last = data[-1]
    index_size = 2 + ((last >> 3 & 3) + 1) * ((last & 7) + 1)
    if last >> 5 == 6 and len(data) > index_size and data[-index_size] == last:
        return False  # several frames, of which one is shown
    bits = data[0] << 1 if data[0] >> 4 & 3 == 3 else data[0]  # profile 3 has a bit more before the flags
    return not bits & 0x0A  # neither this frame nor an older one is shown


def _are_all(kinds: Iterable[int], allowed: range) -> bool:
    count = 0
    for kind in kinds:
        if kind not in allowed:
            return False
        count += 1
    return count > 0


def _first_bytes(codec, extradata, data):
    """The first byte of each unit of an H.264 or HEVC packet; 0 where there is no unit."""
    headers = extradata or b""
    if codec == "h264":
        in_lengths = headers[:1] == b"\1"
        size = (headers[4] & 3) + 1 if in_lengths and len(headers) > 4 else 0
    else:
        in_lengths = bool(headers) and headers[:3] not in (b"\0\0\0", b"\0\0\1")
        size = (headers[21] & 3) + 1 if in_lengths and len(headers) > 21 else 0
    return (unit[0] for unit in _units(data, size))


def _units(data: bytes, length_size: int) -> Iterator[bytes]:
    """Yields the first byte of each unit of an H.264 or HEVC packet; b"\\0" where there is no unit.

    `length_size`: bytes of the length before each unit; 0: start codes stand between them.
    """
    if not length_size:
        if data.endswith(_MANY_ZEROS):
            yield b"\0"
        place = data.find(_START_CODE)
        while place >= 0:
            yield data[place + 3 : place + 4] or b"\0"
            place = data.find(_START_CODE, place + 3)
        return
    place = 0
    while place < len(data):
        length = int.from_bytes(data[place : place + length_size], "big")
        place += length_size
        yield data[place : place + 1] if 0 < length <= len(data) - place else b"\0"
        place += length
