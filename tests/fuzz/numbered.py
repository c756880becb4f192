"""Frames that show their own number, so that a wrong, lost or doubled frame is seen, and files of them in memory."""

from __future__ import annotations

import functools
import io
import os
import tempfile

import av
import numpy as np
from PIL import Image

SIZE_HW = (48, 64)
_BLOCK = 8
_BITS = 8
_ROWS = ((0, 0), (1, 1), (4, 0), (5, 1))  # rows of blocks, and whether they show the complement


def draw(number: int) -> np.ndarray:
    """Returns uint8 [48, 64, 3]: the 8 bits of a number as black and white blocks, twice with their complement."""
    height, width = SIZE_HW
    frame = np.zeros((height, width, 3), np.uint8)
    frame[..., 0] = np.arange(width) * 3
    frame[..., 1] = np.arange(height)[:, None] * 4
    for row, complement in _ROWS:
        for bit in range(_BITS):
            white = bool(number >> bit & 1) != bool(complement)
            frame[row * _BLOCK : (row + 1) * _BLOCK, bit * _BLOCK : (bit + 1) * _BLOCK] = 255 if white else 0
    return frame


def read(frame: np.ndarray) -> int | None:
    """Returns the number that a frame shows, or None if it cannot be read beyond doubt."""
    if frame.shape != (*SIZE_HW, 3):
        return None
    found = set()
    for row, complement in _ROWS:
        strip = frame[row * _BLOCK + 2 : (row + 1) * _BLOCK - 2].astype(float).mean(-1)
        means = strip.reshape(strip.shape[0], _BITS, _BLOCK)[:, :, 2:-2].mean((0, 2))
        if (abs(means - 127.5) < 60).any():
            return None
        found.add(sum(1 << bit for bit in range(_BITS) if bool(means[bit] > 127.5) != bool(complement)))
    return found.pop() if len(found) == 1 else None


@functools.lru_cache(None)
def picture(number: int, kind: str = "png") -> bytes:
    """Returns the bytes of a picture file of a number."""
    buffer = io.BytesIO()
    Image.fromarray(draw(number)).save(buffer, kind)
    return buffer.getvalue()


@functools.lru_cache(None)
def video(container: str, codec: str, count: int = 12, group: int = 4, options: tuple = ()) -> bytes:
    """Returns the bytes of a video of the numbers 0 to count - 1, with a key frame every `group` frames."""
    # Faststart, which puts the index before the frames, reads what was written: it needs a file.
    extra = {"movflags": "faststart"} if container == "mp4" else {}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "video")
        with av.open(path, "w", format=container, options=extra) as out:
            stream = out.add_stream(codec, rate=25)
            stream.height, stream.width = SIZE_HW
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            stream.codec_context.gop_size = group
            stream.codec_context.options = {"threads": "1", **dict(options)}
            for number in range(count):
                out.mux(stream.encode(av.VideoFrame.from_ndarray(draw(number), format="rgb24")))
            out.mux(stream.encode())
        with open(path, "rb") as file:
            return file.read()


def packets(data: bytes) -> list[tuple[int, int, int]]:
    """Returns (number of the frame, start, stop) of each packet whose bytes stand in one piece in a video file."""
    found = []
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        parts = [(packet.pts, bytes(packet)) for packet in container.demux(stream) if packet.size]
    order = sorted(pts for pts, _ in parts)
    end = 0
    for pts, payload in parts:
        start = data.find(payload, end)  # packets of still frames may be equal
        if start >= 0:
            end = start + len(payload)
            found.append((order.index(pts), start, end))
    return found
