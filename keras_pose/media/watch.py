"""Checks each frame of a video against the packets while it is decoded."""

from __future__ import annotations

import heapq
from typing import Any

from keras_pose.media.packets import END_GAP, PacketFacts, PacketReader, last_shown


class DamageError(Exception):
    """A frame of the video is missing or rests on damaged data, or the file ends before its last frame."""


class Watch:
    """Follows packets into the decoder and frames out of it; raises `DamageError` when a frame is missing.

    Frames come out in the order in which they are shown. So when a frame comes, each packet with an earlier time must
    have come before. Without times, a frame can be shown at most a few places before its packet.

    Args:
      reader: what reads the packets.
    """

    def __init__(self, reader: PacketReader) -> None:
        self._reader = reader
        self._depth = reader.reorder_depth
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
        self._last = last_shown([facts] if self._last is None else [self._last, facts])
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

    def finish(self) -> None:
        """The file ended."""
        if any(number not in self._early for _, number in self._waiting):
            raise DamageError
        if not self._reader.ordered and self._left < self._entered:
            raise DamageError
        reader = self._reader
        ends_early = reader.end_gap > END_GAP and not reader.indexed
        if reader.lost_after or (ends_early and reader.stated_after(self._last)):
            raise DamageError
