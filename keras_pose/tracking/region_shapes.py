"""Regions of the shape of the net's input: their span, and how they are placed in a frame.

The span of a region is the height of the smallest rectangle of the input's shape around it: it alone decides the scale
at which the net sees the region. Regions have whole px, so that they are equal again after a file, and that two crops
of one span differ by whole px.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from keras_pose.tracking.regions import Region


@dataclasses.dataclass(frozen=True)
class FrameShape:
    """A frame, and the shape of the input that its regions are fitted to.

    Args:
      size_hw: (height, width) of the frame in px.
      aspect: width of the input divided by its height.
    """

    size_hw: tuple[int, int]
    aspect: float = 1.0

    def whole(self) -> Region:
        """Returns the region of the whole frame."""
        return 0.0, 0.0, float(self.size_hw[1]), float(self.size_hw[0])

    def span(self, size_wh: Sequence[float]) -> float:
        """Returns the span in px of a box of this (width, height)."""
        return float(max(size_wh[0] / self.aspect, size_wh[1]))

    def whole_span(self) -> float:
        """Returns the span of the whole frame in px."""
        return self.span(self.size_hw[::-1])

    def place(self, center: Sequence[float], span: float) -> Region:
        """Makes a region of the input's shape that lies in the frame.

        A region that crosses the edge of the frame is moved inwards: the net would see black there. One that is larger
        than the frame in one direction ends at its edges, and from the span of the frame on it is the whole frame.

        Args:
          center: (x, y) in px.
          span: in px.

        Returns:
          (left, top, width, height), whole px.
        """
        if span >= self.whole_span():
            return self.whole()
        sides = []
        starts = []
        for middle, side, limit in zip(center, (span * self.aspect, span), self.size_hw[::-1]):
            side = min(max(round(side), 1), limit)
            sides.append(float(side))
            starts.append(float(min(max(round(middle - side / 2), 0), limit - side)))
        return starts[0], starts[1], sides[0], sides[1]

    def around(self, box: Region, padding: float) -> Region:
        """Makes a region of the input's shape around a box (left, top, width, height) that is enlarged by a factor."""
        return self.place(center_of(box), self.span(box[2:]) * padding)

    def search_windows(self, step: float = 1.8, levels: int = 2) -> list[Region]:
        """Lists overlapping windows in which a small person is searched: the whole frame, then smaller ones.

        A person who takes half of a window is wholly in at least one of them: neighbours overlap by half.

        Args:
          step: factor between the spans of two levels. A net that was trained with changes of scale of a quarter still
            recognises people who appear 1.6 times too small.
          levels: number of smaller sizes.
        """
        windows = [self.whole()]
        for level in range(1, levels + 1):
            span = self.whole_span() / step**level
            sides = [min(span * self.aspect, self.size_hw[1]), min(span, self.size_hw[0])]
            columns, rows = (
                _spread(side / 2, limit - side / 2, side / 2) for side, limit in zip(sides, self.size_hw[::-1])
            )
            windows += [self.place((x, y), span) for y in rows for x in columns]
        return windows


def center_of(region: Region) -> tuple[float, float]:
    """Returns the centre (x, y) of a region in px."""
    return region[0] + region[2] / 2, region[1] + region[3] / 2


def _spread(first, last, largest_step):
    """Numbers from `first` to `last` at equal distances of at most `largest_step`."""
    count = max(1, -int(-(last - first) // largest_step)) if last > first else 0
    return [first + (last - first) * n / count for n in range(count + 1)] if count else [(first + last) / 2]
