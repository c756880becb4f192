"""When the frames of a video are shown, in units of the stream's time base.

Most containers give each packet the time at which its frame is shown. AVI files and bare streams do not: their packets
have at most the times of decoding. If frames are coded out of order, the decoder waits for d packets before the first
frame is shown, so the n-th frame is shown when packet n + d is decoded.
"""

from __future__ import annotations

import array
import collections
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from keras_pose.media.packets import PacketFacts


class FrameTimes:
    """Follows packets into the decoder and frames out of it.

    Args:
      ordered: whether the times of the packets say when frames are shown, see `PacketReader`.
      delay: d, packets that are decoded before the first frame is shown, if the times are those of decoding.
      counts_silent: whether silent packets stand for a frame each, where times are those of decoding: MPEG-4 may pack
        two frames into one packet, and a silent packet behind it.
    """

    def __init__(self, ordered: bool, delay: int = 0, counts_silent: bool = False) -> None:
        self._ordered = ordered
        self._delay = delay
        self._counts_silent = counts_silent
        self._by_number: dict[int, int | None] = {}
        self._in_turn: collections.deque[int | None] = collections.deque()

    def enter(self, facts: PacketFacts) -> None:
        """A packet goes in."""
        if self._ordered:
            self._by_number[facts.number] = facts.time
        elif not (facts.discard or (facts.silent and not self._counts_silent)):
            if self._delay:
                self._delay -= 1
            else:
                self._in_turn.append(facts.time)

    def leave(self, number: int | None) -> int | None:
        """The frame of packet `number` comes out; returns its time, None if the container does not say."""
        if not self._ordered:
            return self._in_turn.popleft() if self._in_turn else None
        return None if number is None else self._by_number.pop(number, None)


def fill_times(times: Sequence[float | None], positions: Sequence[int], count: int) -> tuple[float, ...]:
    """Returns a time for each position of a video, those between known ones by equal steps.

    Args:
      times: rising times at some positions; None: unknown.
      positions: their positions, rising.
      count: the number of positions. Those outside the known ones are at the usual step (the median).

    Returns:
      `count` times, or none if fewer than two are known, or they do not rise.
    """
    known = [(position, time) for position, time in zip(positions, times) if time is not None]
    if len(known) < 2:
        return ()
    places, shown = np.array(known, np.float64).T
    steps = np.diff(shown) / np.diff(places)
    if steps.min() < 0:
        return ()
    every = np.arange(count, dtype=np.float64)
    filled = np.interp(every, places, shown)
    usual = float(np.median(steps))
    before = every < places[0]
    filled[before] = shown[0] - (places[0] - every[before]) * usual
    behind = every > places[-1]
    filled[behind] = shown[-1] + (every[behind] - places[-1]) * usual
    return tuple(filled.tolist())


def to_seconds(ticks: float, time_base: Fraction | None) -> float:
    """Returns seconds; one time base makes the same float of the same whole number, wherever it is read."""
    base = time_base or Fraction(1)
    return ticks * base.numerator / base.denominator


class Timeline:
    """The times of the frames of a video in s from its first frame, noted as the frames decode.

    A frame without a time, or with one before that of the previous frame, gets its time by the frame rate.

    Args:
      first: the place of the first frame that is noted, among those that decode.
      origin: the time of frame 0 in units of the time base; None: the first one that is noted.
    """

    def __init__(self, first: int = 0, origin: int | None = None) -> None:
        self.first = first
        self._origin = origin
        self._offset_s = 0.0  # the time at the origin
        self._known = (0, 0.0)  # the last place whose time the container says, and that time
        self._seconds = array.array("d")  # 8 bytes a frame, a list would take 32

    @property
    def end(self) -> int:
        """The place of the frame that is noted next."""
        return self.first + len(self._seconds)

    def add(self, ticks: int | None, time_base: Fraction | None, fps: float) -> None:
        """Notes the time of the next frame, in units of the time base; None: unknown."""
        place, known_s = self._known
        by_rate_s = known_s + (self.end - place) / fps if fps else math.nan
        seconds = by_rate_s if self.end else 0.0
        if ticks is not None:
            if self._origin is None:
                self._origin = ticks
                self._offset_s = 0.0 if math.isnan(seconds) else seconds
            stated_s = self._offset_s + to_seconds(ticks - self._origin, time_base)
            if not self._seconds or not stated_s < self._seconds[-1]:
                seconds = stated_s
                self._known = (self.end, seconds)
        self._seconds.append(seconds)

    def time_s(self, place: int) -> float | None:
        """The time of a frame that was noted; None if it is unknown."""
        seconds = self._seconds[place - self.first]
        return None if math.isnan(seconds) else seconds
