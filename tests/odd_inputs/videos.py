"""Odd videos. Frames show their numbers (`coded_videos.draw_frame`), so a wrong one is seen.

Facts: `frames`, how many there are; `missing`, which of them do not decode; `size_hw`; `times_s`, of the frames.
"""

from __future__ import annotations

import os
import pathlib
import sys
from typing import Any

import av
import cv2
import numpy as np

from tests.helpers import coded_videos
from tests.helpers.coded_videos import draw_frame, write_coded, write_numbered
from tests.odd_inputs.kinds import Kinds

KINDS = Kinds()
COUNT = 12  # frames of most videos
INTRA = {"g": "1", "bf": "0"}


@KINDS.refused("an MP4 whose end with the index is cut off", "index (moov) is missing or damaged")
def cut_before_its_index(folder: pathlib.Path) -> pathlib.Path:
    path = write_numbered(folder / "clip.mp4", COUNT)
    path.write_bytes(path.read_bytes()[:-1400])
    return path


@KINDS.noted("an MP4 with its index in front, of which 60 % are there", "it is cut or damaged", frames=7, missing=[6])
def cut_behind_its_index(folder: pathlib.Path) -> pathlib.Path:
    path = write_numbered(folder / "clip.mp4", COUNT, options=INTRA, muxer={"movflags": "faststart"})
    data = path.read_bytes()
    path.write_bytes(data[: int(0.6 * len(data))])
    return path


@KINDS.noted("a Matroska file of which 60 % are there", "it is cut or damaged", frames=6)
def cut_matroska(folder: pathlib.Path) -> pathlib.Path:
    path = write_numbered(folder / "clip.mkv", COUNT, options=INTRA)
    data = path.read_bytes()
    path.write_bytes(data[: int(0.6 * len(data))])
    return path


@KINDS.noted("an AVI of which 60 % are there", "it is cut or damaged", frames=6)
def cut_avi(folder: pathlib.Path) -> pathlib.Path:
    path = write_numbered(folder / "clip.avi", COUNT, codec="mjpeg", pix_fmt="yuvj420p")
    start, _ = coded_videos.packet_places(path)[6]
    path.write_bytes(path.read_bytes()[: start - 8])
    return path


@KINDS.refused("a file of zero bytes", "the file is empty (0 bytes)")
def zero_bytes(folder: pathlib.Path) -> pathlib.Path:
    path = folder / "clip.mp4"
    path.write_bytes(b"")
    return path


@KINDS.refused("a file of zeros, as after a crash of the computer", "damaged or of an unknown format")
def nothing_but_zeros(folder: pathlib.Path) -> pathlib.Path:
    path = folder / "clip.mp4"
    path.write_bytes(bytes(100_000))
    return path


@KINDS.refused("text with the ending of a video", "found text")
def text(folder: pathlib.Path) -> pathlib.Path:
    path = folder / "clip.mp4"
    path.write_text("<html>\n<body>404: not found</body>\n</html>\n" * 20)
    return path


@KINDS.refused("a picture with the ending of a video", "found a picture")
def picture(folder: pathlib.Path) -> pathlib.Path:
    path = folder / "clip.mp4"
    path.write_bytes(cv2.imencode(".png", draw_frame(3))[1].tobytes())
    return path


@KINDS.refused("a playlist that names other files", "found a playlist")
def playlist(folder: pathlib.Path) -> pathlib.Path:
    path = folder / "clip.m3u8"
    path.write_text("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:4.0,\npart0.ts\n#EXT-X-ENDLIST\n")
    return path


@KINDS.used("a Matroska file with the ending .avi", frames=COUNT)
def wrong_ending(folder: pathlib.Path) -> pathlib.Path:
    return write_numbered(folder / "clip.mkv", COUNT).rename(folder / "clip.avi")


@KINDS.used("an MP4 whose ending is no ending of videos", frames=COUNT)
def unknown_ending(folder: pathlib.Path) -> pathlib.Path:
    return write_numbered(folder / "clip.mp4", COUNT).rename(folder / "clip.2024")


@KINDS.refused("a codec that nobody knows", "cannot be decoded by this FFmpeg; convert it")
def unknown_codec(folder: pathlib.Path) -> pathlib.Path:
    path = write_numbered(folder / "clip.mp4", COUNT)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzq1"))
    return path


@KINDS.used("a lossless codec of archives (FFV1)", frames=COUNT)
def archive_codec(folder: pathlib.Path) -> pathlib.Path:
    return write_numbered(folder / "clip.mkv", COUNT, codec="ffv1", pix_fmt="bgr0")


@KINDS.used("an animated GIF", frames=COUNT)
def animation(folder: pathlib.Path) -> pathlib.Path:
    return write_numbered(folder / "clip.gif", COUNT, codec="gif", pix_fmt="rgb8")


@KINDS.refused("only sound", "found only sound")
def only_sound(folder: pathlib.Path) -> pathlib.Path:
    path = folder / "clip.mp4"
    with av.open(str(path), "w") as container:
        _mux_silence(container, container.add_stream("aac", rate=44100))
    return path


@KINDS.used("sound beside the frames, longer than they are", frames=COUNT)
def long_sound(folder: pathlib.Path) -> pathlib.Path:
    path = folder / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = _add_h264(container, coded_videos.SIZE_HW)
        sound = container.add_stream("aac", rate=44100)
        for number in range(COUNT):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(draw_frame(number), format="rgb24")))
        container.mux(stream.encode())
        _mux_silence(container, sound, 60)
    return path


@KINDS.used("odd sides, which most codecs cannot store", frames=COUNT, size_hw=(97, 129))
def odd_size(folder: pathlib.Path) -> pathlib.Path:
    frames = [draw_frame(number, (97, 129)) for number in range(COUNT)]
    return write_coded(folder / "clip.avi", frames, codec="mjpeg", pix_fmt="yuvj420p")


@KINDS.used("frames of 4×6 px", frames=COUNT, size_hw=(4, 6))
def very_small(folder: pathlib.Path) -> pathlib.Path:
    frames = [np.full((4, 6, 3), 20 * number, np.uint8) for number in range(COUNT)]
    return write_coded(folder / "clip.mkv", frames, codec="ffv1", pix_fmt="bgr0")


@KINDS.used("frames 20 times as wide as high", frames=COUNT, size_hw=(32, 640))
def very_wide(folder: pathlib.Path) -> pathlib.Path:
    return write_coded(folder / "clip.mp4", [np.full((32, 640, 3), 20 * number, np.uint8) for number in range(COUNT)])


@KINDS.used("a frame of 8K", frames=1, size_hw=(4320, 7680))
def huge(folder: pathlib.Path) -> pathlib.Path:
    frame = av.VideoFrame(7680, 4320, "yuvj420p")
    for plane in frame.planes:
        plane.update(bytes([128]) * plane.buffer_size)
    return write_coded(folder / "clip.avi", [frame], codec="mjpeg", pix_fmt="yuvj420p")


@KINDS.used("a phone's video, to be turned by 90° when it is played", frames=COUNT, size_hw=(128, 96))
def rotated(folder: pathlib.Path) -> pathlib.Path:
    return coded_videos.turn_by_matrix(write_numbered(folder / "clip.mp4", COUNT), (0, 1, -1, 0))


@KINDS.used("a front camera's video, to be mirrored when it is played", frames=COUNT, size_hw=(96, 128))
def mirrored(folder: pathlib.Path) -> pathlib.Path:
    return coded_videos.turn_by_matrix(write_numbered(folder / "clip.mp4", COUNT), (-1, 0, 0, 1))


@KINDS.used("two fields in each frame (interlaced)", frames=COUNT)
def interlaced(folder: pathlib.Path) -> pathlib.Path:
    options = {"x264-params": "interlaced=1:tff=1"}
    return write_numbered(folder / "clip.mp4", COUNT, options=options)


@KINDS.used("a variable frame rate", frames=8, times_s=[t / 25 for t in (0, 1, 5, 6, 7, 20, 21, 40)])
def variable_rate(folder: pathlib.Path) -> pathlib.Path:
    return write_numbered(folder / "clip.mp4", 8, times=[0, 1, 5, 6, 7, 20, 21, 40])


@KINDS.used("a bare stream without a frame rate or times", frames=COUNT)
def bare_stream(folder: pathlib.Path) -> pathlib.Path:
    return write_numbered(folder / "clip.h264", COUNT, options={"bf": "0"}, format="h264")


@KINDS.used("times that begin at an hour", frames=COUNT, times_s=[number / 25 for number in range(COUNT)])
def late_start(folder: pathlib.Path) -> pathlib.Path:
    times = [90_000 + number for number in range(COUNT)]
    return write_numbered(folder / "clip.mkv", COUNT, times=times)


@KINDS.used("one frame", frames=1)
def one_frame(folder: pathlib.Path) -> pathlib.Path:
    return write_numbered(folder / "clip.mp4", 1)


@KINDS.refused("a video without frames", "none of its frames decodes")
def no_frame(folder: pathlib.Path) -> pathlib.Path:
    path = write_numbered(folder / "clip.h264", COUNT, options={"bf": "0"}, format="h264")
    path.write_bytes(path.read_bytes()[:40])  # the headers of the stream, and nothing else
    return path


@KINDS.used("grey frames", frames=COUNT)
def grey(folder: pathlib.Path) -> pathlib.Path:
    return write_numbered(folder / "clip.mkv", COUNT, codec="ffv1", pix_fmt="gray")


@KINDS.used("frames with an alpha channel", frames=COUNT)
def alpha(folder: pathlib.Path) -> pathlib.Path:
    return write_numbered(folder / "clip.mkv", COUNT, codec="ffv1", pix_fmt="yuva420p")


@KINDS.used("10 bits", frames=COUNT)
def bits_10(folder: pathlib.Path) -> pathlib.Path:
    return write_numbered(folder / "clip.mp4", COUNT, pix_fmt="yuv420p10le")


@KINDS.used("12 bits, without subsampled colours", frames=COUNT)
def bits_12(folder: pathlib.Path) -> pathlib.Path:
    return write_numbered(folder / "clip.mkv", COUNT, codec="ffv1", pix_fmt="yuv444p12le")


@KINDS.noted("a camera of 12 bits in a format of 16 bits", "read as 12 bits", frames=4)
def bits_12_of_16(folder: pathlib.Path) -> pathlib.Path:
    deep = [np.full((64, 64), level, np.uint16) for level in (900, 4095, 2000, 50)]
    frames = [av.VideoFrame.from_ndarray(frame, format="gray16le") for frame in deep]
    return write_coded(folder / "clip.mkv", frames, codec="ffv1", pix_fmt="gray16le")


@KINDS.used("the same frame again and again", frames=COUNT)
def duplicate_frames(folder: pathlib.Path) -> pathlib.Path:
    return write_coded(folder / "clip.mp4", [draw_frame(number // 4) for number in range(COUNT)])


@KINDS.noted("a damaged frame in the middle", "do not decode: 5", frames=COUNT, missing=[5])
def damaged_frame(folder: pathlib.Path) -> pathlib.Path:
    path = write_numbered(folder / "clip.mp4", COUNT, options=INTRA)
    start, size = coded_videos.packet_places(path)[5]
    return coded_videos.damage(path, start, size)


@KINDS.noted("a damaged first frame", "do not decode: 0", frames=COUNT, missing=[0])
def damaged_first_frame(folder: pathlib.Path) -> pathlib.Path:
    path = write_numbered(folder / "clip.mp4", COUNT, options=INTRA)
    start, size = coded_videos.packet_places(path)[0]
    return coded_videos.damage(path, start, size)


@KINDS.refused("nothing but damaged frames", "none of its frames decodes")
def only_damaged_frames(folder: pathlib.Path) -> pathlib.Path:
    path = write_numbered(folder / "clip.mp4", COUNT, options=INTRA)
    for start, size in coded_videos.packet_places(path):
        coded_videos.damage(path, start, size)
    return path


@KINDS.refused("frames whose size changes", "the size changes within the video")
def changing_size(folder: pathlib.Path) -> pathlib.Path:
    parts = []
    for size_hw in ((96, 128), (64, 96)):
        frames = [np.full((*size_hw, 3), 90, np.uint8)] * 3
        part = write_coded(folder / "part.h264", frames, options={"bf": "0"}, format="h264")
        parts.append(part.read_bytes())
        part.unlink()
    path = folder / "clip.h264"
    path.write_bytes(b"".join(parts))
    return path


@KINDS.used("a transport stream that begins before its first keyframe", frames=16)
def begins_in_the_middle(folder: pathlib.Path) -> pathlib.Path:
    path = write_numbered(folder / "clip.ts", 24, options={"g": "8", "bf": "0"})
    data = path.read_bytes()
    start = coded_videos.packet_places(path)[3][0] // 188 * 188
    path.write_bytes(data[start:])
    return path


@KINDS.used("bytes behind the end of the video", frames=COUNT)
def bytes_behind_the_end(folder: pathlib.Path) -> pathlib.Path:
    path = write_numbered(folder / "clip.mp4", COUNT)
    path.write_bytes(path.read_bytes() + b"\0" * 5000)
    return path


@KINDS.used("a name with spaces, brackets, a percent sign and letters of other scripts", frames=COUNT)
def odd_name(folder: pathlib.Path) -> pathlib.Path:
    place = folder / "Maus 1, links"
    place.mkdir()
    return write_numbered(place / "clip [1] %03d größe 手 ñ'.mp4", COUNT)


def name_without_text(folder: pathlib.Path) -> pathlib.Path:
    return write_numbered(folder / "clip.mp4", COUNT).rename(folder / os.fsdecode(b"clip\xff.mp4"))


if sys.platform == "linux":
    KINDS.used("a name whose bytes are no text", frames=COUNT)(name_without_text)


@KINDS.used("pixels twice as wide as high", frames=COUNT, size_hw=coded_videos.SIZE_HW)
def wide_pixels(folder: pathlib.Path) -> pathlib.Path:
    return write_numbered(folder / "clip.mp4", COUNT, options={"x264-params": "sar=2/1"})


def _add_h264(container: Any, size_hw: tuple[int, int]) -> Any:
    stream = container.add_stream("libx264", rate=25)
    stream.height, stream.width = size_hw
    stream.pix_fmt = "yuv420p"
    return stream


def _mux_silence(container: Any, stream: Any, count: int = 1) -> None:
    for place in range(count):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.rate = 44100
        frame.pts = 1024 * place
        container.mux(stream.encode(frame))
    container.mux(stream.encode())
