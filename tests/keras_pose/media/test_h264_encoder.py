"""Segments: one packet for each frame, a keyframe first, the same bytes each time; sizes, times, other encoders."""

import os
import subprocess
import sys

import av
import numpy as np
import pytest

from keras_pose.media import h264_encoder
from keras_pose.media.h264_encoder import Encoding, SegmentEncoder, best_codec, pad_to_even, to_tick
from keras_pose.media.messages import MediaWarning
from tests import conftest
from tests.helpers.coded_videos import draw_frame, read_number

_PRINT_DIGEST = """
import hashlib
from keras_pose.media.h264_encoder import Encoding, SegmentEncoder
from tests.helpers.coded_videos import draw_frame
encoder = SegmentEncoder(Encoding((96, 128)))
packets = [p for i in range(12) for p in encoder.encode(draw_frame(i))] + encoder.finish()
print(hashlib.sha256(b"".join(p.data for p in packets)).hexdigest())
"""


def encode(frames, encoding):
    encoder = SegmentEncoder(encoding)
    return [packet for frame in frames for packet in encoder.encode(frame)] + encoder.finish()


def test_one_packet_for_each_frame_and_keyframes_as_often_as_asked():
    packets = encode([draw_frame(i) for i in range(25)], Encoding((96, 128), keyframe_every=10))
    keyframes = [i for i, packet in enumerate(packets) if packet.is_keyframe]
    assert len(packets) == 25
    assert keyframes[0] == 0
    assert len(keyframes) > 2
    assert max(np.diff([*keyframes, 25])) <= 10
    assert encode([], Encoding((96, 128))) == []


def test_segments_decode_after_each_other_in_order():
    encoding = Encoding((96, 128))
    packets = [packet for part in (range(7), range(7, 12)) for packet in encode(map(draw_frame, part), encoding)]
    decoder = av.CodecContext.create("h264", "r")
    header = av.CodecContext.create("libx264", "w")
    encoding.configure(header)
    header.open()
    decoder.extradata = header.extradata
    frames = [frame for packet in packets for frame in decoder.decode(av.Packet(packet.data))] + decoder.decode(None)
    assert [read_number(frame.to_ndarray(format="rgb24")) for frame in frames] == list(range(12))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system cannot tie a process to a core")
def test_the_same_bytes_for_any_number_of_cores():
    """x264 chooses its number of threads by the cores that a process may use, unless it is told."""
    digests = set()
    for cores in ([0], sorted(os.sched_getaffinity(0))):
        command = [sys.executable, "-c", f"import os; os.sched_setaffinity(0, {cores})\n{_PRINT_DIGEST}"]
        digests.add(subprocess.run(command, cwd=conftest.ROOT, capture_output=True, text=True, check=True).stdout)
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


def test_the_same_bytes_whatever_lies_in_memory():
    """Blocks of memory with random contents, taken and given back between frames, are what the encoder gets next."""
    rng = np.random.default_rng(0)
    frames = [np.full((16, 16, 3), 20 + i % 60, np.uint8) for i in range(60)]
    for i, frame in enumerate(frames):
        frame[i % 9 : i % 9 + 7, i % 8 : i % 8 + 8] = (86, 180, 233)
    results = set()
    for _ in range(100):
        encoder = SegmentEncoder(Encoding((16, 16)))
        packets = []
        blocks = []
        for frame in frames:
            blocks.append(np.full(rng.integers(100, 200000), rng.integers(256), np.uint8))
            if len(blocks) > 20:
                blocks.pop(rng.integers(20))
            packets += encoder.encode(frame)
        results.add(b"".join(packet.data for packet in packets + encoder.finish()))
    assert len(results) == 1


def test_better_quality_takes_more_bytes():
    frames = [draw_frame(i) for i in range(5)]
    sizes = [sum(len(p.data) for p in encode(frames, Encoding((96, 128), crf=crf))) for crf in (12, 20, 32)]
    assert sizes[0] > 1.5 * sizes[1] > 2 * sizes[2]


def test_odd_sizes_are_padded_by_a_copy_of_the_edge():
    frame = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    padded = pad_to_even(frame)
    assert Encoding((5, 7)).coded_size_hw == padded.shape[:2] == (6, 8)
    np.testing.assert_array_equal(padded[:5, :7], frame)
    np.testing.assert_array_equal(padded[5, :7], frame[4])
    np.testing.assert_array_equal(padded[:, 7], padded[:, 6])
    assert pad_to_even(padded) is padded


def test_times_become_ticks_that_rise():
    assert to_tick(0.0, -1) == 0
    assert to_tick(1001 / 30000, 0) == 3003
    assert to_tick(0.5, 45000) == 45001  # two frames at one time
    for time_s in (-0.1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="time of a frame in s from 0, received"):
            to_tick(time_s, 0)


def test_invalid_frames_and_settings_are_refused():
    encoder = SegmentEncoder(Encoding((96, 128)))
    encoder.encode(draw_frame(0))
    with pytest.raises(ValueError, match=r"frame 1: expected uint8 \[96, 128, 3\], received uint8 \[96, 100, 3\]"):
        encoder.encode(draw_frame(0)[:, :100])
    with pytest.raises(ValueError, match="frame 1: .*received float32"):
        encoder.encode(draw_frame(0).astype(np.float32))
    with pytest.raises(ValueError, match="crf: expected 0 to 51, received 60"):
        Encoding((96, 128), crf=60)
    with pytest.raises(ValueError, match="size_hw"):
        Encoding((0, 128))


def test_without_x264_videos_are_mpeg_4_and_a_warning_says_so(monkeypatch):
    monkeypatch.setattr(h264_encoder.av, "codecs_available", frozenset({"mpeg4"}))
    best_codec.cache_clear()
    try:
        with pytest.warns(MediaWarning, match="no H.264 encoder"):
            assert Encoding((96, 128)).codec == "mpeg4"
    finally:
        best_codec.cache_clear()
    packets = encode([draw_frame(i) for i in range(6)], Encoding((96, 128), codec="mpeg4"))
    assert len(packets) == 6
    assert packets[0].is_keyframe
