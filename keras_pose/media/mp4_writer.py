"""Writes MP4 videos that browsers play: frames, or packets that are already encoded.

The index stands at the front of the file ("fast start"), so that a browser plays while it loads. There is no sound.
The same frames and times give the same bytes.
"""

from __future__ import annotations

import collections
import contextlib
import os
import types
from fractions import Fraction
from typing import Any

import av
import numpy as np

from keras_pose import files
from keras_pose.media import file_end
from keras_pose.media.container import open_container
from keras_pose.media.h264_encoder import TICKS, CodedFrame, Encoding, SegmentEncoder, to_tick

_ONLY_FRAME_TICKS = TICKS // 25  # how long it is shown if there is a single one


class PacketWriter:
    """Writes packets of `SegmentEncoder`s into an MP4, which is complete after the block, or absent if it fails.

    Args:
      path: the file to write.
      encoding: with which all packets are made.

    Attributes:
      count: frames that were added.

    Raises:
      ValueError: at the end of the block if there are no packets.
      OSError: if the file cannot be written, because the disk is full, say; the message names it.
    """

    def __init__(self, path: str | os.PathLike[str], encoding: Encoding) -> None:
        self.count = 0
        self._path = os.fspath(path)
        self._encoding = encoding
        self._blocks = contextlib.ExitStack()
        self._temporary = ""
        self._output: Any = None
        self._stream: Any = None
        self._waiting: tuple[CodedFrame, int] | None = None  # its duration is known when the next one comes
        self._duration = _ONLY_FRAME_TICKS

    def __enter__(self) -> PacketWriter:
        self._temporary = self._blocks.enter_context(files.replace_atomically(self._path))
        return self

    def add(self, packet: CodedFrame, tick: int) -> None:
        """Adds the packet of the next frame, which is shown at this time in 1/90000 s, after the frame before."""
        with self._one_error():
            if self._output is None:
                self._open()
            if self._waiting is not None:
                self._duration = tick - self._waiting[1]
                self._write()
        self._waiting = (packet, tick)
        self.count += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        if error is None:
            with self._blocks:
                self._finish()
            return
        if self._output is not None:
            with contextlib.suppress(av.error.FFmpegError):  # the first error is the one to report
                self._output.close()
        self._blocks.__exit__(kind, error, trace)

    @contextlib.contextmanager
    def _one_error(self):
        """Makes of an error of FFmpeg, which names the temporary file, one that names the file."""
        try:
            yield
        except av.error.FFmpegError as error:
            reason = " ".join((error.strerror or str(error)).split())
            raise OSError(f"{self._path}: cannot be written: {reason}") from error

    def _open(self):
        self._output = av.open(f"file:{self._temporary}", "w", format="mp4", options={"movflags": "+faststart"})
        # This encoder makes no frame, but the header of the file.
        self._stream = self._output.add_stream(self._encoding.codec, rate=25)
        self._encoding.configure(self._stream.codec_context)
        self._stream.time_base = Fraction(1, TICKS)

    def _write(self):
        coded, tick = self._waiting
        packet = av.Packet(coded.data)
        packet.stream = self._stream
        packet.time_base = Fraction(1, TICKS)
        packet.pts = packet.dts = tick
        packet.duration = self._duration
        packet.is_keyframe = coded.is_keyframe
        self._output.mux(packet)

    def _finish(self):
        if self._output is None:
            raise ValueError(f"{self._path}: expected at least one frame to write, received none")
        with self._one_error():
            try:
                self._write()  # shown as long as the frame before
            finally:
                self._output.close()
        if not self._is_whole():  # FFmpeg does not report every error
            raise OSError(f"{self._path}: not all of its {self.count} frames could be written; is the disk full?")

    def _is_whole(self):
        try:
            container, stream = open_container(self._temporary)
        except ValueError:
            return False
        with container:
            return stream.frames == self.count and not file_end.is_cut(self._temporary)


class Mp4Writer:
    """Encodes frames as they come and writes them into an MP4, which is complete after the block, or absent.

    ```python
    with Mp4Writer("out.mp4", (480, 640)) as writer:
        for number, frame in enumerate(frames):
            writer.write(frame, number / 25)
    ```

    Args:
      path: the file to write.
      size_hw: (height, width) in px of the frames; an odd size is padded to an even one.
      crf: quality, 0 to 51, see `Encoding`.
      preset: x264's preset.

    Raises:
      ValueError: at the end of the block if there are no frames; see `write`.
      OSError: if the file cannot be written; the message names it.
    """

    def __init__(
        self, path: str | os.PathLike[str], size_hw: tuple[int, int], crf: int = 22, preset: str = "veryfast"
    ) -> None:
        self._path = os.fspath(path)
        encoding = Encoding((int(size_hw[0]), int(size_hw[1])), crf, preset)
        self._encoder = SegmentEncoder(encoding)
        self._packets = PacketWriter(path, encoding)
        self._ticks: collections.deque[int] = collections.deque()  # of frames whose packets have not come yet
        self._last = -1

    def __enter__(self) -> Mp4Writer:
        self._packets.__enter__()
        return self

    def write(self, frame: np.ndarray, time_s: float) -> None:
        """Adds a frame.

        Args:
          frame: uint8 RGB [H, W, 3]; it may be changed afterwards.
          time_s: when it is shown, in s from 0; if not later than the frame before, 1/90000 s after it.

        Raises:
          ValueError: for a frame of another size or type, or a time below 0; the message names the file.
          OSError: if the file cannot be written.
        """
        try:
            self._last = to_tick(time_s, self._last)
            packets = self._encoder.encode(frame)
        except ValueError as error:
            raise ValueError(f"{self._path}: {error}") from error
        self._ticks.append(self._last)
        self._add(packets)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        if error is None:
            try:
                self._add(self._encoder.finish())
            except BaseException as failure:
                self._packets.__exit__(type(failure), failure, failure.__traceback__)
                raise
        self._packets.__exit__(kind, error, trace)

    def _add(self, packets):
        for packet in packets:
            self._packets.add(packet, self._ticks.popleft())
