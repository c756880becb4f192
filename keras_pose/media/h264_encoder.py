"""Encodes frames as H.264 that browsers play, in segments that can be joined.

Each segment comes from an encoder of its own and begins with a keyframe, so segments follow each other without being
encoded again. There are no B-frames: packet number i holds frame number i, and needs no time of its own. The encoder
has a fixed number of threads, because x264 codes a frame differently for each number of them; so the same frames give
the same bytes on every machine with the same build of x264.

Colours are BT.601 in the limited range, and the file says so: players convert them back exactly, and so does
`keras_pose.media.video`, which takes every video for BT.601.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import warnings
from fractions import Fraction
from typing import Any, NamedTuple

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from keras_pose.media.messages import MediaWarning

TICKS = 90000  # units of time in a second: whole numbers for 24, 25, 30 and 29.97 frames a second
H264 = "libx264"
MPEG4 = "mpeg4"
_THREADS = 2
# With its macroblock tree, x264 (version 165) gave other bytes in 1 of 15 encodings of the same frames of 48×32 px, and
# in 1 of 25 of 176×144 px, depending on what lay in memory. Without it, a crf higher by 2 gives files of the same size
# and quality.
_REPEATABLE = "mbtree=0:rc-lookahead=0"
_BT601 = 6  # SMPTE 170M, the number in H.264's tables of primaries, transfer and matrix
_LIMITED = 1
_MOST_QUALITY = 51


class CodedFrame(NamedTuple):
    """The packet of a frame, and whether a player can begin at it."""

    data: bytes
    is_keyframe: bool


@dataclasses.dataclass(frozen=True)
class Encoding:
    """How frames are encoded.

    Args:
      size_hw: (height, width) in px of the frames that are given; an odd size is padded by a copy of its last row or
        column, because this kind of video has even sizes only.
      crf: quality, 0 (without loss) to 51; 22 looks like the original, 6 more halves the size.
      preset: name of x264's presets, "ultrafast" to "veryslow": slower ones make smaller files.
      keyframe_every: the most frames from one keyframe to the next; a player jumps to keyframes.
      codec: name of FFmpeg's encoder; "": `best_codec()`.

    Raises:
      ValueError: for a size below 1 px or a quality out of range.
    """

    size_hw: tuple[int, int]
    crf: int = 22
    preset: str = "veryfast"
    keyframe_every: int = 50
    codec: str = ""

    def __post_init__(self) -> None:
        if min(self.size_hw) < 1:
            raise ValueError(f"size_hw: expected (height, width) of at least 1 px, received {self.size_hw}")
        if not 0 <= self.crf <= _MOST_QUALITY:
            raise ValueError(f"crf: expected 0 to {_MOST_QUALITY}, received {self.crf}")
        if not self.codec:
            object.__setattr__(self, "codec", best_codec())

    @property
    def coded_size_hw(self) -> tuple[int, int]:
        """(height, width) in px of the video: even numbers."""
        return self.size_hw[0] + self.size_hw[0] % 2, self.size_hw[1] + self.size_hw[1] % 2

    def configure(self, context: Any) -> None:
        """Sets the fields of an encoder (`av.VideoCodecContext`) that is not open yet."""
        context.height, context.width = self.coded_size_hw
        context.pix_fmt = "yuv420p"
        context.time_base = Fraction(
            1, 25
        )  # MPEG-4 cannot count finer than 1/65535; the container holds the real times
        context.framerate = Fraction(25)
        context.gop_size = self.keyframe_every
        context.max_b_frames = 0
        context.thread_count = _THREADS
        context.color_range = _LIMITED
        context.colorspace = context.color_primaries = context.color_trc = _BT601
        context.flags |= av.codec.context.Flags.global_header
        if self.codec == H264:
            context.options = {"preset": self.preset, "crf": str(self.crf), "x264-params": _REPEATABLE}
        else:
            context.flags |= av.codec.context.Flags.qscale
            # FFmpeg's unit is 118 (FF_QP2LAMBDA) times a quantiser, here of 2 to 12.
            context.options = {"global_quality": str(118 * max(2, self.crf // 4))}


@functools.lru_cache(maxsize=1)
def best_codec() -> str:
    """Returns the encoder to use: libx264, or MPEG-4 with a `MediaWarning` if this build of PyAV lacks it."""
    if H264 in av.codecs_available:
        return H264
    warnings.warn(
        "this build of PyAV has no H.264 encoder (libx264): videos are written as MPEG-4, which browsers do not play; "
        "`pip install --force-reinstall av` installs one that has it",
        MediaWarning,
        stacklevel=2,
    )
    return MPEG4


class SegmentEncoder:
    """Encodes frames, of which the first becomes a keyframe. Packets come some frames late, one for each frame.

    Args:
      encoding: how.
    """

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._context: Any = av.CodecContext.create(encoding.codec, "w")
        encoding.configure(self._context)
        self._reformatter: Any = VideoReformatter()
        self._count = 0

    def encode(self, frame: np.ndarray) -> list[CodedFrame]:
        """Takes the next frame; returns the packets that are ready.

        Args:
          frame: uint8 RGB [H, W, 3] of `encoding.size_hw`; it may be changed afterwards.

        Raises:
          ValueError: for a frame of another type or size; the message has its number in the segment.
        """
        picture = self._reformatter.reformat(
            av.VideoFrame.from_ndarray(pad_to_even(self._checked(frame)), format="rgb24"),
            format="yuv420p",
            interpolation="BILINEAR",
            src_colorspace="ITU601",
            dst_colorspace="ITU601",
        )
        picture.pts = self._count  # only their order matters at a constant quality
        picture.time_base = Fraction(1, 25)
        self._count += 1
        return self._coded(picture)

    def finish(self) -> list[CodedFrame]:
        """Returns the remaining packets; no frame may follow."""
        return self._coded(None) if self._count else []

    def _coded(self, picture):
        return [CodedFrame(bytes(packet), bool(packet.is_keyframe)) for packet in self._context.encode(picture)]

    def _checked(self, frame):
        frame = np.asarray(frame)
        expected = [*self._encoding.size_hw, 3]
        if frame.dtype != np.uint8 or list(frame.shape) != expected:
            received = f"{frame.dtype} {list(frame.shape)}"
            raise ValueError(f"frame {self._count}: expected uint8 {expected}, received {received}")
        return frame


def pad_to_even(frame: np.ndarray) -> np.ndarray:
    """Returns uint8 [H', W', 3] of even sizes: the last row or column of an odd one is there twice."""
    height, width = frame.shape[:2]
    if height % 2 or width % 2:
        frame = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return np.ascontiguousarray(frame)


def to_tick(time_s: float, last: int) -> int:
    """Returns the time of a frame in 1/90000 s, at least one after `last`, that of the frame before (−1: none).

    Raises:
      ValueError: for a time that is not finite, or below 0.
    """
    if not math.isfinite(time_s) or time_s < 0:
        raise ValueError(f"expected the time of a frame in s from 0, received {time_s}")
    return max(last + 1, round(time_s * TICKS))
