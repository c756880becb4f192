"""Decodes the frames of a video one after the other, and notices whether all of them came.

With several threads FFmpeg is fast, but reports an error late and drops frames beside it. So a video is first read
fast, and every frame is checked against the packets. If one is missing (`DamageError`), the video is read again with
one thread, which loses nothing but the damaged frames, and `survey` finds the positions of the others.
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterator
from typing import Any

import av

from keras_pose.media import file_end
from keras_pose.media.container import open_container
from keras_pose.media.gaps import Numbering, number_frames
from keras_pose.media.packets import PacketFacts, PacketReader

_END_GAP = 64  # bytes behind the last packet that say nothing


class DamageError(Exception):
    """A frame of the video is missing or rests on damaged data, or the file ends before its last frame."""


@dataclasses.dataclass(frozen=True)
class Survey:
    """What a video holds.

    Args:
      numbering: the positions of its frames.
      stated: the number of frames that a file states which ends before them; None if it does not.
      is_cut: whether the file is cut or damaged at its end, and does not state how many frames it had.
    """

    numbering: Numbering
    stated: int | None = None
    is_cut: bool = False


class FrameDecoder:
    """Iterates over the frames of a video (`av.VideoFrame`) in the order in which they are shown, as stored.

    Args:
      path: path of the file.
      careful: whether to decode with one thread and to leave out what cannot be decoded. Otherwise several threads
        decode, and the first sign of damage raises an error.

    Attributes:
      fps: frames per second as the container states it; 0 if it does not.

    Raises:
      ValueError: if the file is not a video that can be decoded; the message names it.
      DamageError: while iterating, if not `careful`, when a frame is missing or concealed. Frames that came before have
        the right place.
    """

    def __init__(self, path: str, careful: bool = False) -> None:
        self._path = path
        self._careful = careful
        self._container, self._stream = open_container(path)
        context = self._stream.codec_context
        context.thread_type = "SLICE" if careful else "AUTO"
        if careful:
            context.thread_count = 1
        self._reader = PacketReader(path, self._container, self._stream)
        self._frames = self._decode()
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
        for packet, facts in self._reader:
            frames, failed = _decode_packet(self._stream, packet)
            yield facts, frames, failed and not (facts.silent and self._reader.silent_are_headers)
        yield (None, *_decode_packet(self._stream, None))

    def survey(self) -> Survey:
        """Decodes all frames and finds their positions; the decoder must be careful and at its start."""
        packets: list[PacketFacts] = []
        numbers: list[int | None] = []
        concealed: set[int | None] = set()
        for facts, frames, failed in self.packets():
            if facts is not None:
                facts.failed = failed
                packets.append(facts)
            numbers += [frame.pts for frame in frames]
            concealed |= {frame.pts for frame in frames if frame.is_corrupt}
        return self._find_positions(packets, numbers, concealed)

    def _find_positions(self, packets, numbers, concealed):
        reader = self._reader
        stated_after = _stated_after(self._container, self._stream, _last(packets))
        shortage = stated_after or 0  # packets that are lost somewhere
        is_cut = file_end.is_cut(self._path)
        if shortage and not reader.ordered and not any(packet.gap for packet in packets):
            _mark_swallowed(packets, concealed)
        has_gaps = any(packet.gap for packet in packets)
        lost_in_gaps = 0
        if packets and not reader.ordered and not reader.indexed:
            begins_well = packets[0].keyframe and packets[0].number in numbers
            if has_gaps:
                lost_in_gaps = shortage
            elif not (is_cut or begins_well):  # a file begins with a keyframe, which gives a frame
                packets[0].lost_before = shortage
            shortage = 0 if has_gaps or not (is_cut or begins_well) else shortage
        numbering = number_frames(
            packets,
            numbers,
            reader.ordered,
            reorder_depth=_reorder_depth(self._stream),
            lost_after=reader.lost_after,
            lost_in_gaps=lost_in_gaps,
            concealed=concealed,
            may_begin_anywhere=reader.may_begin_anywhere,
            exact=reader.exact,
            lost_anywhere=is_cut and stated_after == 0,
            lost_at_end=is_cut,
            usual_step=0 if reader.may_begin_anywhere else _usual_step(self._stream),  # there it is a guess
        )
        ends_early = is_cut or (reader.end_gap > _END_GAP and not reader.indexed)
        stated = 0
        if ends_early:
            counts_packets = "mov" in self._container.format.name and self._stream.frames
            stated = self._stream.frames if counts_packets else numbering.count + shortage - reader.lost_after
        return Survey(
            numbering,
            stated if stated > numbering.count else None,
            is_cut and stated_after is None,
        )

    def _decode(self):
        if not self._careful and file_end.is_cut(self._path):
            raise DamageError
        watch = None if self._careful else _Watch(self._stream, self._reader)
        for facts, frames, failed in self.packets():
            if watch is not None:
                watch.enter(facts, failed)
            for frame in frames:
                if watch is not None:
                    watch.leave(frame)
                yield frame
        if watch is not None:
            watch.finish(self._container)


class _Watch:
    """Follows packets into the decoder and frames out of it; raises `DamageError` when a frame is missing.

    Frames come out in the order in which they are shown. So when a frame comes, each packet with an earlier time must
    have come before. Without times, a frame can be shown at most a few places before its packet.
    """

    def __init__(self, stream: Any, reader: PacketReader) -> None:
        self._stream = stream
        self._reader = reader
        self._depth = _reorder_depth(stream)
        self._waiting: list[tuple[int, int]] = []  # (time, number) of packets whose frames have not come
        self._early: set[int] = set()  # packets that are still waiting but whose frames have come
        self._times: dict[int, int] = {}
        self._entered = 0
        self._left = 0
        self._last: PacketFacts | None = None

    def enter(self, facts: PacketFacts | None, failed: bool) -> None:
        """A packet goes in (None: the end of the file); `failed`: the decoder reported an error."""
        if failed or (facts is not None and facts.follows_loss):
            raise DamageError
        if facts is None:
            return
        self._last = _last([facts] if self._last is None else [self._last, facts])
        if facts.discard or facts.silent:
            return
        self._entered += 1
        if self._reader.ordered and facts.time is not None:
            heapq.heappush(self._waiting, (facts.time, facts.number))
            self._times[facts.number] = facts.time

    def leave(self, frame: Any) -> None:
        """A frame comes out."""
        if frame.is_corrupt:
            raise DamageError
        self._left += 1
        if frame.pts is None:
            return
        if not self._reader.ordered:
            if frame.pts >= self._left + self._depth:
                raise DamageError
            return
        self._early.add(frame.pts)
        time = self._times.pop(frame.pts, None)
        while self._waiting and time is not None and self._waiting[0][0] <= time:
            number = heapq.heappop(self._waiting)[1]
            if number not in self._early:
                raise DamageError
            self._early.remove(number)

    def finish(self, container: Any) -> None:
        """The file ended."""
        if any(number not in self._early for _, number in self._waiting):
            raise DamageError
        if not self._reader.ordered and self._left < self._entered:
            raise DamageError
        reader = self._reader
        ends_early = reader.end_gap > _END_GAP and not reader.indexed
        if reader.lost_after or (ends_early and _stated_after(container, self._stream, self._last)):
            raise DamageError


def _decode_packet(stream, packet):
    try:
        return stream.codec_context.decode(packet), False
    except EOFError:
        return [], False
    except (av.error.FFmpegError, ValueError):
        return [], True


def _mark_swallowed(packets, concealed):
    """Marks a gap behind the first damaged packet that is not at the end: it may have swallowed the next ones."""
    for packet, following in zip(packets[:-3], packets[1:]):
        if packet.failed or packet.corrupt or packet.number in concealed:
            following.gap = 1
            return


def _last(packets):
    """The packet that is shown last, with the number of the packet that was read last; None if there are none."""
    if not packets:
        return None
    shown_last = max(packets, key=lambda packet: -1 if packet.time is None else packet.time)
    return dataclasses.replace(shown_last, number=packets[-1].number)


def _stated_after(container, stream, last):
    """How many frames the container states behind the last packet; None if it does not say."""
    return None if last is None else file_end.frames_after(container, stream, last.number, last.time)


def _reorder_depth(stream):
    context = stream.codec_context
    depth = getattr(context, "reorder_depth", None)
    return (16 if context.has_b_frames else 0) if depth is None else int(depth)


def _usual_step(stream):
    """Time between two frames by the rate of the container, in units of the stream's time base; 0 if not known."""
    rate = stream.guessed_rate or stream.average_rate
    return float(1 / (rate * stream.time_base)) if rate and stream.time_base else 0
