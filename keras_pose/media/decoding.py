"""Decodes the frames of a video one after the other, and notices whether all of them came.

With several threads FFmpeg is fast, but reports an error late and drops frames beside it. So a video is first read
fast, and every frame is checked against the packets. If one is missing (`DamageError`), the video is read again with
one thread, which loses nothing but the damaged frames, and `survey.py` finds the positions of the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av

from keras_pose.media import file_end
from keras_pose.media.container import open_container
from keras_pose.media.packets import PacketFacts, PacketReader
from keras_pose.media.seeking import Start
from keras_pose.media.times import FrameTimes
from keras_pose.media.watch import DamageError, Watch

_HANGING = ("hevc",)  # decoders whose threads wait for each other without end if a frame is damaged


class FrameDecoder:
    """Iterates over the frames of a video (`av.VideoFrame`) in the order in which they are shown, as stored.

    Args:
      path: path of the file.
      careful: whether to decode with one thread and to leave out what cannot be decoded. Otherwise several threads
        decode, and the first sign of damage raises an error.
      start: the keyframe to start at; None: the beginning of the file.

    Attributes:
      fps: frames per second as the container states it; 0 if it does not.
      time_base: seconds in a unit of time.
      reader: what reads the packets.
      time: when the frame that came last is shown, in units of the stream's time base; None if the container does not
        say.

    Raises:
      ValueError: if the file is not a video that can be decoded; the message names it.
      DamageError: while iterating, if not `careful`, when a frame is missing or concealed. Frames that came before have
        the right place.
    """

    def __init__(self, path: str, careful: bool = False, start: Start | None = None) -> None:
        self._path = path
        self._start = start
        self._careful = careful
        self._container, self._stream = open_container(path)
        context = self._stream.codec_context
        context.thread_type = "SLICE" if careful or context.name in _HANGING else "AUTO"
        if careful:
            context.thread_count = 1
        self.reader = PacketReader(path, self._container, self._stream)
        self.time: int | None = None
        self._frames = self._decode()
        self.time_base = self._stream.time_base
        self.fps = float(self._stream.guessed_rate or self._stream.average_rate or 0)

    def __iter__(self) -> Iterator[Any]:
        return self._frames

    def __next__(self) -> Any:
        return next(self._frames)

    def close(self) -> None:
        """Closes the file."""
        self._frames.close()
        self._container.close()

    def packets(self) -> Iterator[tuple[PacketFacts | None, list[Any], bool]]:
        """Yields (facts, frames, whether the decoder reported an error) for each packet, and (None, …) at the end."""
        first = self._start.packet if self._start else 0
        for packet, facts in self.reader:
            if facts.number < first:
                continue
            frames, failed = _decode_packet(self._stream, packet)
            yield facts, frames, failed and not (facts.silent and self.reader.silent_are_headers)
        yield (None, *_decode_packet(self._stream, None))

    def _decode(self):
        if not self._careful and file_end.is_cut(self._path):
            raise DamageError
        watch = None if self._careful else Watch(self.reader)
        times = FrameTimes(self.reader.ordered, self.reader.delay, self.reader.packs_frames)
        for facts, frames, failed in self.packets():
            if facts is not None:
                times.enter(facts)
            if watch is not None and not self._is_early(None if facts is None else facts.time):
                watch.enter(facts, failed)
            for frame in frames:
                self.time = times.leave(frame.pts)
                if self._is_early(self.time):
                    continue
                if watch is not None:
                    watch.leave(frame)
                yield frame
        if watch is not None:
            watch.finish()

    def _is_early(self, time):
        """Whether a frame is shown before the keyframe that decoding started at, on whose predecessors it rests."""
        start = None if self._start is None else self._start.time
        return start is not None and time is not None and time < start


def _decode_packet(stream, packet):
    try:
        return stream.codec_context.decode(packet), False
    except EOFError:
        return [], False
    except (av.error.FFmpegError, ValueError):
        return [], True
