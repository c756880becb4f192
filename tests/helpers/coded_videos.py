"""Real videos for tests, coded with PyAV: each frame shows its number, so that a wrong frame is seen."""

import contextlib
import os
import struct

import av
import numpy as np
import pytest

SIZE_HW = (96, 128)
HAS_INDEX = hasattr(av.stream.Stream, "index_entries")
needs_index = pytest.mark.skipif(not HAS_INDEX, reason="PyAV below 17 gives neither the index of a file nor the delay")


def draw_frame(number, size_hw=SIZE_HW):
    """uint8 RGB [H, W, 3]: `number` as 8 black or white blocks, a gradient, noise, and a red box at the bottom left."""
    height, width = size_hw
    frame = np.full((height, width, 3), 128, np.uint8)
    frame[:, :, 0] += (np.arange(width) % 40).astype(np.uint8)
    noise = np.random.default_rng(number).integers(0, 40, (height - 30, width, 1)).astype(np.uint8)
    frame[30:] += noise
    for bit in range(8):
        frame[8:24, 4 + 15 * bit : 16 + 15 * bit] = 255 if number >> bit & 1 else 0
    frame[60:90, 10:40] = (255, 0, 0)
    return frame


def read_number(frame):
    """The number that a frame shows."""
    return sum(int(frame[16, 10 + 15 * bit].mean() > 128) << bit for bit in range(8))


@contextlib.contextmanager
def kept_priority():
    """Gives the thread its scheduling back: as root, SVT-AV1 makes it real-time, and the tests would stop the rest."""
    if not hasattr(os, "sched_getscheduler"):  # not Linux
        yield
        return
    policy = os.sched_getscheduler(0)
    try:
        yield
    finally:
        if os.sched_getscheduler(0) != policy:
            os.sched_setscheduler(0, policy, os.sched_param(0))


def write_coded(path, frames, codec="libx264", pix_fmt="yuv420p", options=None, muxer=None, times=None, **fields):
    """Writes frames (uint8 RGB, or an `av.VideoFrame`) as a video of 25 frames a second.

    `options` are for the codec, `muxer` for the container; `times`: the time of each frame in 1/25 s.
    """
    output = av.open(str(path), "w", options=muxer or {}, format=fields.pop("format", None))
    with kept_priority(), output as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        first = frames[0]
        size_hw = first.shape[:2] if isinstance(first, np.ndarray) else (first.height, first.width)
        stream.height, stream.width = size_hw
        stream.pix_fmt = pix_fmt
        for i, frame in enumerate(frames):
            if isinstance(frame, np.ndarray):
                frame = av.VideoFrame.from_ndarray(frame, format="rgb24")
            frame.pts = i if times is None else times[i]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_numbered(path, count=30, **options):
    """Writes `count` frames that show their numbers; see `write_coded`."""
    return write_coded(path, [draw_frame(i) for i in range(count)], **options)


def turn_by_matrix(path, matrix):
    """Puts a display matrix (a, b, c, d: x, y is shown at a·x + c·y, b·x + d·y) into the header of an MP4 file."""
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 4 + 40
    a, b, c, d = (value << 16 for value in matrix)
    data[place : place + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    return path


def damage(path, start, length, fill=None):
    """Overwrites bytes of a file with zeros, or with `fill` repeated."""
    data = bytearray(path.read_bytes())
    start = start if start >= 0 else len(data) + start
    data[start : start + length] = ((fill or b"\0") * length)[: len(data[start : start + length])]
    path.write_bytes(data)
    return path


def packet_places(path):
    """[(first byte, size)] of the packets of a video, in decoding order."""
    with av.open(f"file:{path}") as container:
        return [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
