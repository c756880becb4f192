"""Real video files, encoded with FFmpeg; frames can be damaged, and the video turned as phones do."""

from __future__ import annotations

import os
from collections.abc import Iterable

import av
import numpy as np


def write(path: str | os.PathLike[str], frames: Iterable[np.ndarray], codec: str = "libx264", fps: int = 25) -> None:
    """Writes uint8 RGB frames [H, W, 3] of even sides, each of them a keyframe."""
    with av.open(str(path), "w") as container:
        stream = None
        for image in frames:
            if stream is None:
                stream = container.add_stream(codec, rate=fps, options={"g": "1", "crf": "10", "qscale": "2"})
                stream.height, stream.width = image.shape[:2]
                stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")))
        container.mux(stream.encode())


def damage(path: str | os.PathLike[str], lost: Iterable[int]) -> None:
    """Overwrites the data of these frames with zeros."""
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    with open(path, "r+b") as file:
        for number in lost:
            start, size = places[number]
            file.seek(start)
            file.write(bytes(size))


def turn(path: str | os.PathLike[str], degrees: int) -> None:
    """Sets the display matrix of an MP4 as a phone does; players then turn it by 90, 180 or 270 degrees clockwise."""
    one = 1 << 16
    cos, sin = {90: (0, one), 180: (-one, 0), 270: (0, -one)}[degrees]
    values = [cos, sin, 0, -sin, cos, 0, 0, 0, 1 << 30]
    matrix = b"".join(value.to_bytes(4, "big", signed=True) for value in values)
    identity = b"".join(v.to_bytes(4, "big") for v in (one, 0, 0, 0, one, 0, 0, 0, 1 << 30))
    with open(path, "rb") as file:
        data = file.read()
    header = data.index(b"tkhd")
    place = data.index(identity, header)
    with open(path, "wb") as file:
        file.write(data[:place] + matrix + data[place + len(identity) :])
