"""Packets that give no frame by nature: told by their bytes, of made-up and of real streams."""

import av
import pytest

from keras_pose.media.silent_packets import is_exact, is_silent, starts_decoding
from tests.helpers import coded_videos

LENGTHS_H264 = bytes([1, 100, 0, 31, 0xFF])  # 4 bytes before each unit
LENGTHS_HEVC = bytes([1, *[0] * 20, 0xFF])


def by_lengths(*units):
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


def by_start_codes(*units):
    return b"".join(b"\0\0\0\1" + unit for unit in units)


SPS, PPS, SEI, SLICE, KEY = (bytes([kind, 1, 2, 3]) for kind in (0x67, 0x68, 0x06, 0x41, 0x65))
HEVC_SPS, HEVC_SLICE = bytes([33 << 1, 1, 2]), bytes([1 << 1, 1, 2])


@pytest.mark.parametrize(
    ("codec", "headers", "data", "silent"),
    [
        ("h264", LENGTHS_H264, by_lengths(SPS, PPS), True),
        ("h264", LENGTHS_H264, by_lengths(SPS, PPS, KEY), False),
        ("h264", LENGTHS_H264, by_lengths(SEI), True),
        ("h264", LENGTHS_H264, by_lengths(SLICE), False),
        ("h264", LENGTHS_H264, bytes(40), False),
        ("h264", LENGTHS_H264, by_lengths(SEI) + bytes(40), False),
        ("h264", LENGTHS_H264, by_lengths(SEI)[:-1], False),
        ("h264", LENGTHS_H264, by_lengths(bytes([0x9A]) + SLICE), False),
        ("h264", b"", by_start_codes(SPS, PPS), True),
        ("h264", None, by_start_codes(SEI, SLICE), False),
        ("h264", None, bytes(40), False),
        ("h264", None, by_start_codes(SPS, PPS) + bytes(40), False),
        ("h264", None, by_start_codes(SPS, PPS) + b"\0\7\1" + KEY * 80, False),
        ("hevc", LENGTHS_HEVC, by_lengths(HEVC_SPS), True),
        ("hevc", LENGTHS_HEVC, by_lengths(HEVC_SPS, HEVC_SLICE), False),
        ("hevc", b"\0\0\0\1", by_start_codes(HEVC_SPS), True),
        ("mpeg4", None, b"\0\0\1\xb6\x50\x01\x7f", True),
        ("mpeg4", None, b"\0\0\1\xb6\x50\x01\x7f" + bytes(30), False),
        ("vp8", None, b"\x41\0\0\7\7", True),
        ("vp8", None, b"\x51\0\0\7\7", False),
        ("vp8", None, b"\x40\0\0\x9d\x01\x2a\7\7", False),  # a keyframe
        ("vp8", None, bytes(40), False),
        ("vp8", None, b"\x01", False),
        ("vp9", None, b"\x84\0\0", True),
        ("vp9", None, b"\x86\0\0", False),
        ("vp9", None, b"\x88\0\0", False),
        ("vp9", None, b"\x84\0\xc1\x01\x01\xc1", False),  # a frame in one packet with another that is shown
        ("vp9", None, b"\xb2\0\0", True),
        ("vp9", None, b"\xb1\0\0", False),
        ("vp9", None, bytes(3), False),
        ("mjpeg", None, bytes(3), False),
    ],
)
def test_silent_packets_are_told_by_their_bytes(codec, headers, data, silent):
    assert is_silent(codec, headers, memoryview(data)) == silent


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("a.mp4", {"options": {"bf": "2"}}),
        ("a.ts", {"options": {"bf": "0"}}),
        ("a.avi", {"codec": "mpeg4"}),
        ("b.mp4", {"codec": "libx265", "options": {"x265-params": "log-level=none"}}),
        ("b.webm", {"codec": "libvpx"}),
        ("a.webm", {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}}),
    ],
)
def test_no_packet_of_a_video_that_shows_all_is_silent(tmp_path, name, fields):
    path = coded_videos.write_numbered(tmp_path / name, 10, **fields)
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        codec = context.codec.canonical_name
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
        assert is_exact(codec, context.codec.intra_only)
        assert not any(is_silent(codec, context.extradata, packet) for packet in packets)


def test_little_is_known_of_other_codecs():
    assert is_exact("mjpeg", intra_only=True)
    assert not is_exact("wmv2", intra_only=False)


@pytest.mark.parametrize(
    ("codec", "headers", "data", "starts"),
    [
        ("h264", LENGTHS_H264, by_lengths(SPS, PPS, KEY), True),
        ("h264", LENGTHS_H264, by_lengths(SEI, SLICE), False),  # a recovery point
        ("h264", None, by_start_codes(SPS, KEY), True),
        ("hevc", LENGTHS_HEVC, by_lengths(HEVC_SPS, bytes([21 << 1, 1])), True),  # a clean random access
        ("hevc", LENGTHS_HEVC, by_lengths(HEVC_SPS, HEVC_SLICE), False),
        ("vp9", None, b"\x82", True),
    ],
)
def test_decoding_starts_at_pictures_that_empty_the_memory(codec, headers, data, starts):
    assert starts_decoding(codec, headers, data) == starts
