"""Reads the packets of a video, and notices where a file has lost some.

A packet holds one coded frame. Containers lose packets without a word if their headers are damaged: FFmpeg looks for
the next header that makes sense. The signs of it are entries of the index that no packet belongs to, bytes that belong
to no packet, and packets that FFmpeg marks as corrupt.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence
from typing import Any

import av

from keras_pose.media import file_end
from keras_pose.media.beginning import is_listed_keyframe
from keras_pose.media.silent_packets import HEADER_CODECS, is_exact, is_silent

END_GAP = 64  # bytes behind the last packet that say nothing
_MOST_ERRORS = 100  # in a row, without a packet between them
_INDEXED = ("avi", "mov")  # formats whose index lists every packet
_COMPACT = ("avi", "matroska")  # formats with few bytes between packets


@dataclasses.dataclass
class PacketFacts:
    """What is known about a packet.

    Args:
      number: place in decoding order, from 0.
      time: when the frame is shown, in units of the stream's time base; None if the container does not say.
      keyframe: whether decoding can start here.
      discard: whether the container says that the frame is not shown (an edit list).
      silent: whether the packet gives no frame by nature.
      lost_before: packets that the index has between the previous packet and this one.
      gap: bytes between the previous packet and this one that belong to nothing known.
      corrupt: whether FFmpeg marks it as corrupt, or reported an error before it.
      failed: whether the decoder reported an error for it; set while decoding.
    """

    number: int
    time: int | None
    keyframe: bool
    discard: bool
    silent: bool = False
    lost_before: int = 0
    gap: int = 0
    corrupt: bool = False
    failed: bool = False

    @property
    def follows_loss(self) -> bool:
        """Whether something before this packet, or a part of it, may be lost."""
        return self.lost_before > 0 or self.gap > 0 or self.corrupt


class PacketReader:
    """Iterates over the packets of a video stream as pairs (`av.Packet`, `PacketFacts`).

    Packets get their number as timestamp, so that each decoded frame tells which packet it comes from (`frame.pts`).

    Args:
      path: path of the file.
      container: the opened container, at its start.
      stream: its video stream.

    Attributes:
      indexed: whether the file has an index that lists every packet.
      ordered: whether `time` says in which order frames are shown. AVI files and bare streams do not say it.
      exact: whether each packet gives one frame, unless it is `silent`; so much is not known of every codec.
      silent_are_headers: whether `silent` packets hold no picture, so that decoders may report an error for them.
      may_begin_anywhere: whether the recording may begin in the middle of a stream, before a keyframe: the format says
        nothing of its beginning, or the container says that its first packet is no keyframe; known after the iteration.
      lost_after: packets of the index behind the last packet whose bytes are in the file; known after the iteration.
      end_gap: bytes of the file behind the last packet; known after the iteration.
    """

    def __init__(self, path: str, container: Any, stream: Any) -> None:
        self.container = container
        self.stream = stream
        self.path = path
        self._size = os.path.getsize(path)
        self._codec = stream.codec_context.codec.canonical_name
        self._headers = stream.codec_context.extradata
        self.exact = is_exact(self._codec, stream.codec_context.codec.intra_only)
        self.silent_are_headers = self._codec in HEADER_CODECS
        names = container.format.name.split(",")
        self._format = next((name for name in ("avi", "mov", "matroska", "mpegts") if name in names), names[0])
        self._index = _read_index(path, stream, self._format) if self._format in _INDEXED else []
        self.may_begin_anywhere = self._format not in (*_INDEXED, "matroska")
        self.ordered = self._format != "avi" and not container.format.name.startswith(("h26", "hevc", "m4v", "mjpeg"))
        self.indexed = False
        self.lost_after = 0
        self.end_gap = 0

    def __iter__(self) -> Iterator[tuple[Any, PacketFacts]]:
        ranks = {start: rank for rank, (start, _) in enumerate(self._index)}
        next_rank = 0
        number = 0
        end = None  # of the packets so far, in bytes
        for packet, after_error in self._demux():
            is_video = packet.stream.index == self.stream.index
            rank = ranks.get(packet.pos) if is_video else None
            gap = 0 if end is None or packet.pos is None else packet.pos - end
            if packet.pos is not None and packet.pos >= 0:
                end = max(end or 0, packet.pos + packet.size)
            if not is_video:
                continue
            time = packet.pts if self.ordered or packet.dts is None else packet.dts
            silent = is_silent(self._codec, self._headers, memoryview(packet))
            facts = PacketFacts(number, time, packet.is_keyframe, packet.is_discard, silent)
            facts.corrupt = packet.is_corrupt or after_error
            if rank is not None:
                facts.lost_before = max(0, rank - next_rank)
                next_rank = rank + 1
            elif gap > self._usual_gap():
                facts.gap = gap
            if number == 0 and not self.may_begin_anywhere:
                self.may_begin_anywhere = not is_listed_keyframe(self.path, self.stream, self._format, packet)
            packet.pts = number
            packet.dts = number
            yield packet, facts
            number += 1
        self.indexed = number > 0 and next_rank >= number
        self.lost_after = sum(start + size <= self._size for start, size in self._index[next_rank:]) if next_rank else 0
        self.end_gap = self._size - (end or 0)

    @property
    def reorder_depth(self) -> int:
        """How many packets later than it is shown a frame may come, as far as the decoder knows."""
        context = self.stream.codec_context
        depth = getattr(context, "reorder_depth", None)
        return (16 if context.has_b_frames else 0) if depth is None else int(depth)

    @property
    def delay(self) -> int:
        """How many packets the decoder takes before it shows the first frame, if that is known, otherwise 0."""
        return int(getattr(self.stream.codec_context, "reorder_depth", None) or 0)

    @property
    def packs_frames(self) -> bool:
        """Whether a packet may hold two frames, with a silent packet behind it (MPEG-4 with frames out of order)."""
        return self._codec == "mpeg4" and self.reorder_depth > 0

    def stated_after(self, last: PacketFacts | None) -> int | None:
        """How many frames the container states behind a packet that `last_shown` gives; None if it does not say."""
        return None if last is None else file_end.frames_after(self.container, self.stream, last.number, last.time)

    def _demux(self):
        """Yields (packet, whether an error came before it) of all streams; goes on behind errors if it can."""
        errors = 0
        while errors < _MOST_ERRORS:
            packets = self.container.demux()
            try:
                for packet in packets:
                    if packet.size:
                        yield packet, errors > 0
                        errors = 0
            except (av.error.FFmpegError, OSError, ValueError):
                errors += 1
            else:
                return

    def _usual_gap(self):
        """The largest number of bytes between packets that says nothing."""
        return 64 if self._format in _COMPACT else self._size


def last_shown(packets: Sequence[PacketFacts]) -> PacketFacts | None:
    """Returns the packet that is shown last, with the number of the last packet; None if there are none."""
    if not packets:
        return None
    shown_last = max(packets, key=lambda packet: -1 if packet.time is None else packet.time)
    return dataclasses.replace(shown_last, number=packets[-1].number)


def _read_index(path, stream, format_name):
    """Returns [(first byte, size)] of the packets that the index lists, in decoding order; [] if there is no index."""
    header = 8 if format_name == "avi" else 0  # the index of an AVI file points to the header of a packet
    entries = getattr(stream, "index_entries", None) or ()
    index = [(entry.pos + header, entry.size) for entry in entries if entry.size > 0]
    if len({start for start, _ in index}) < len(index):
        return []
    return index if format_name != "avi" or file_end.has_index(path, stream.index, len(index)) else []
