"""How far a window reaches at a frame rate: windows in seconds become frames of a clip. Loads no TensorFlow.

A net has a weight for each place of the window, so the number of neighbours n on each side is fixed. What follows from
the frame rate r is their distance,

    stride = max(1, round(seconds · r / n)) frames,

and how many of them count: a neighbour that is more than half a frame further away than `seconds` counts as missing. So
a window never reaches further in time than it was told, however low the rate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

ASSUMED_RATE = 30.0  # frames/s of clips that do not state theirs
TOLERANCE = 0.5 + 1e-6  # frames; the last digits of a rate such as 29.97 decide nothing


class Reach(NamedTuple):
    """How far a window reaches.

    Attributes:
      stride: frames from one neighbour to the next.
      num_within: neighbours on each side that are not too far away.
    """

    stride: int
    num_within: int

    @property
    def frames(self) -> int:
        """Frames from the middle of the window to its outermost neighbour."""
        return self.stride * self.num_within


def find_reach(num_neighbours: int, seconds: float, frame_rate: float) -> Reach:
    """Returns how far a window of `num_neighbours` on each side reaches.

    Args:
      num_neighbours: n, 1 or more.
      seconds: reach on each side in s, above 0.
      frame_rate: frames per second, above 0.
    """
    stride = max(1, round(seconds * frame_rate / num_neighbours))
    furthest = math.floor(seconds * frame_rate + TOLERANCE)
    return Reach(stride, min(num_neighbours, furthest // stride))


class TimedOffsets(tuple):
    """The frames of a window in seconds, relative to the current frame. They depend on the frame rate of a clip.

    As a tuple, they are those of a clip that does not state its rate.

    Args:
      num_neighbours: n, neighbours on each side.
      seconds: reach on each side in s.
      assumed_rate: frames per second of clips that do not state theirs.

    Example:

    >>> TimedOffsets(2, 0.2, 30.0)
    (-6, -3, 0, 3, 6)
    >>> TimedOffsets(2, 0.2, 30.0).at_rate(15.0)
    ((-4, -2, 0, 2, 4), 3)
    """

    num_neighbours: int
    seconds: float
    assumed_rate: float

    def __new__(cls, num_neighbours: int, seconds: float, assumed_rate: float = ASSUMED_RATE) -> TimedOffsets:
        stride = find_reach(num_neighbours, seconds, assumed_rate).stride
        offsets = super().__new__(cls, (stride * place for place in range(-num_neighbours, num_neighbours + 1)))
        offsets.num_neighbours = num_neighbours
        offsets.seconds = seconds
        offsets.assumed_rate = assumed_rate
        return offsets

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.num_neighbours, self.seconds, self.assumed_rate

    def at_rate(self, frame_rate: float) -> tuple[tuple[int, ...], int]:
        """Returns the offsets in frames of a clip, and the largest of them that counts.

        Args:
          frame_rate: frames per second; 0: unknown.
        """
        reach = find_reach(self.num_neighbours, self.seconds, frame_rate or self.assumed_rate)
        places = range(-self.num_neighbours, self.num_neighbours + 1)
        return tuple(reach.stride * place for place in places), reach.frames


def keep_offsets(offsets: Sequence[int]) -> tuple[int, ...]:
    """Returns offsets as a tuple; `TimedOffsets` stay what they are."""
    return offsets if isinstance(offsets, TimedOffsets) else tuple(offsets)


def reach_of(offsets: Sequence[int], frame_rate: float) -> int:
    """Returns how many frames a window reaches on each side in a clip.

    Args:
      offsets: offsets in frames, or `TimedOffsets`.
      frame_rate: frames per second of the clip; 0: unknown.
    """
    return offsets.at_rate(frame_rate)[1] if isinstance(offsets, TimedOffsets) else max(map(abs, offsets))
