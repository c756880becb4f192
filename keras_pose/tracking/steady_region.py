"""A region that stays still while a person fits into it, and moves or changes its size otherwise.

Optical flow and pooling work best if the region does not move. So it stays as it is while the person stays in its inner
zone and keeps the size within a factor; then it is centred on where the person will be, by the person's speed, in the
middle of the next frames. The size changes by a limited factor at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_pose.tracking.follow_settings import FollowSettings
from keras_pose.tracking.observed_person import ObservedPerson
from keras_pose.tracking.region_shapes import FrameShape
from keras_pose.tracking.regions import Region

_REMEMBERED_SPANS = 8  # blocks; gestures change the size of a pose, but not for long
_FEWEST_SPANS = 4  # blocks before the size changes
_QUANTILE = 0.75  # of these spans: arms that hang down make a pose small
_MIN_SPAN = 16.0  # px
_MIN_SHARE = 0.02


class SteadyRegion:
    """The region of a person who was found, and the size at which the person is kept in it.

    The reference size is `settings.share`. If that is 0, it is measured in the first blocks: the net was sure there.

    Args:
      shape: the frame and the aspect of the input.
      settings: `FollowSettings`.
    """

    def __init__(self, shape: FrameShape, settings: FollowSettings) -> None:
        self._shape = shape
        self._settings = settings
        self.begin(shape.whole())

    def begin(self, region: Region) -> None:
        """Starts with a region in which a person was found."""
        self._first_span = self._shape.span(region[2:])
        self._share = self._settings.share
        self._spans: list[float] = []  # the person's span in the last blocks, px

    def next(self, region: Region, person: ObservedPerson, start: int) -> Region:
        """Returns the region for the frames [start, start + block); `region` is the current one."""
        self._spans = [*self._spans, self._shape.span(person.size_wh)][-_REMEMBERED_SPANS:]
        span = self._shape.span(region[2:])
        # Where the person will be at the beginning and at the end of the next block.
        ahead = np.array([start, start + self._settings.block])[:, None] - person.number
        moves = np.clip(ahead * np.array(person.velocity), -span / 4, span / 4)
        low = np.array(person.extent[:2]) + moves.min(0)
        high = np.array(person.extent[2:]) + moves.max(0)
        return keep_or_move(self._shape, self._settings, region, (low, high), self._wanted_span(span))

    def state(self) -> dict[str, Any]:
        """Returns what later regions depend on, as JSON."""
        return {"first_span": self._first_span, "share": self._share, "spans": list(self._spans)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was returned."""
        self._first_span = state["first_span"]
        self._share = state["share"]
        self._spans = list(state["spans"])

    def _wanted_span(self, span):
        """The span of a region in which the person has the size of the reference; `span` is the current one."""
        size = float(np.quantile(self._spans, _QUANTILE))
        if not self._share and len(self._spans) == _REMEMBERED_SPANS:
            self._share = min(max(size / self._first_span, _MIN_SHARE), 1.0)
        is_known = self._share and size > 0 and len(self._spans) >= _FEWEST_SPANS
        return size / self._share if is_known else span


def keep_or_move(
    shape: FrameShape,
    settings: FollowSettings,
    region: Region,
    box: tuple[np.ndarray, np.ndarray],
    wanted_span: float,
) -> Region:
    """Returns the current region if a person fits into it, otherwise one around the person.

    Args:
      shape: the frame and the aspect of the input.
      settings: `margin`, `size_change` and `size_step`.
      region: the current region.
      box: (left, top) and (right, bottom) of the person in px.
      wanted_span: the span of a region in which the person has the right size, in px.
    """
    low, high = box
    span = shape.span(region[2:])
    ratio = wanted_span / span
    has_size = 1 / settings.size_change <= ratio <= settings.size_change
    if has_size and _is_inside(shape, region, low, high, settings.margin * span):
        return region
    step = settings.size_step
    needed = shape.span(high - low) / (1 - 2 * settings.margin)
    new_span = max(span * min(max(ratio, 1 / step), step), min(needed, span * step), _MIN_SPAN)
    return shape.place((low + high) / 2, new_span)


def _is_inside(shape, region, low, high, margin):
    """Whether a box lies in the inner zone; at the edges of the frame, the zone reaches to the edge."""
    for axis, limit in enumerate(shape.size_hw[::-1]):
        first = region[axis]
        last = first + region[axis + 2]
        if (first > 0 and low[axis] < first + margin) or (last < limit and high[axis] > last - margin):
            return False
    return True
