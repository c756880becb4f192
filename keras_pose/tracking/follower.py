"""A region that follows one person from the poses of the last frames.

**Scale.** A net knows people at about the size at which it was trained: on synthetic signers, the error doubles if they
appear 1.4 times too small, and is 10 times as large at a factor of 2, while the heights of the maps only fall from 0.88
to 0.8 and 0.56. What size that is differs: the joints of a signer take half of the training frames, those of lips a
tenth. So the reference is no fixed margin but the size at which the net itself is surest: if it is sure in the whole
frame, people have the right size there; otherwise windows of several sizes are searched, and the size is refined around
the best. From then on the region keeps the person at this size. `share` fixes the size instead.

**Stillness.** Optical flow and pooling work best if the region does not move. It stays as it is while the person stays in
its inner zone and keeps the size within a factor; then it is centred on where the person will be, by the person's speed,
in the middle of the next block. The size changes by a limited factor at a time.

**Loss.** The heights of the maps fall if the person is gone, hidden, or suddenly of another size. Then the region widens
step by step to the whole frame; then windows are searched; if nobody is found, the region is the whole frame for a
while, twice as long each time, since a net that is never sure is best left alone.

All decisions are made at the first frame of a block.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose.tracking.looks import Look, mean_height
from keras_pose.tracking.observed_person import ObservedPerson, observe
from keras_pose.tracking.region_shapes import FrameShape, center_of
from keras_pose.tracking.regions import Region

# What a follower is doing.
START = "start"
FOLLOW = "follow"
WIDEN = "widen"
SEARCH = "search"
REFINE = "refine"
REST = "rest"

_REFINED_SPANS = (1.0, 0.8, 0.64, 0.51)  # of the region in which the person was found
_CLEARLY = 1.2  # factor between the height of the maps in the best window and in the whole frame
_SEEN = 0.5  # a joint counts if its map has this part of the usual height
_REMEMBERED_SPANS = 8  # blocks; gestures change the size of a pose, but not for long
_MIN_SPAN = 16.0  # px


@dataclasses.dataclass(frozen=True)
class FollowSettings:
    """How a person is followed.

    Args:
      block: frames from one decision to the next.
      history: number of the last poses that a decision looks at.
      share: part of the region's span that the joints of the person take; 0: as where the net is surest.
      margin: part of the region at each side that the person leaves free; the region moves if a joint comes there.
      size_change: factor by which the person's size in the region may differ from the reference.
      size_step: largest factor by which the region grows or shrinks at a time.
      sure: mean height of the maps from which on the whole frame is not doubted.
      likely: mean height of the maps from which on a person counts as found in a search.
      lost: a person is lost if the mean height falls below this part of the usual one.
      widen: factor by which the region grows for each block in which the person is lost.
      rest: blocks in the whole frame after a search without result; doubled each time.
      searches: whether to search windows; without, the region only widens.
    """

    block: int = 8
    history: int = 8
    share: float = 0.0
    margin: float = 0.06
    size_change: float = 1.35
    size_step: float = 1.25
    sure: float = 0.75
    likely: float = 0.6
    lost: float = 0.6
    widen: float = 1.5
    rest: int = 10
    searches: bool = True


class Follower:
    """The region of one person in one video.

    Args:
      shape: the frame and the aspect of the input.
      settings: `FollowSettings`.
      start: region to begin with; None: the whole frame.
    """

    def __init__(self, shape: FrameShape, settings: FollowSettings | None = None, start: Region | None = None) -> None:
        self._shape = shape
        self._settings = settings or FollowSettings()
        self._few_windows = shape.search_windows(levels=2)[1:]
        self._all_windows = shape.search_windows(levels=3)[1:]
        self._mode = START
        self._region = shape.whole() if start is None else start
        self._block = -1
        self._asked: dict[int, Region] = {}  # the regions of the frames of this block
        self._new: list[Look] = []  # what was found there
        self._looks: list[Look] = []  # the last looks at the person who is followed
        self._spans: list[float] = []  # the person's span in the last blocks, px
        self._share = self._settings.share
        self._first_span = 0.0  # of the region in which the person was found, px
        self._level = 0.0  # the usual mean height of the maps; 0: nobody was found yet
        self._whole_height = 0.0  # in the whole frame, before a search
        self._cursor = 0  # of SEARCH: the next window; of REST: the blocks that are left
        self._rests = 0  # searches without result
        self._best: Look | None = None  # of a search

    @property
    def mode(self) -> str:
        """What the follower is doing: "follow" if it has found the person."""
        return self._mode

    def region(self, number: int) -> Region:
        """Returns the region of a frame; the updates of all frames of earlier blocks were given."""
        block = number // self._settings.block
        if block != self._block:
            self._decide(block * self._settings.block)
            self._block = block
            self._asked = {}
        if number not in self._asked:
            self._asked[number] = self._choose(len(self._asked))
        return self._asked[number]

    def update(self, number: int, joints: np.ndarray, scores: np.ndarray) -> None:
        """Takes what the net found in the region of a frame of the current block; see `RegionSource.update`."""
        if number in self._asked:
            joints = np.asarray(joints, np.float32)
            self._new.append(Look(number, self._asked[number], joints, np.asarray(scores, np.float32)))

    def person(self) -> ObservedPerson | None:
        """Returns the person as the last poses show them; None if there is nobody."""
        return self._observe(self._looks) if self._mode == FOLLOW else None

    def move_to(self, region: Region) -> None:
        """Starts again at a region, because something else knows that the person is there."""
        self._region = region
        self._mode = START
        self._asked = {}
        self._new = []

    def state(self) -> dict[str, Any]:
        """Returns everything that later regions depend on, as JSON."""
        state = {name: getattr(self, f"_{name}") for name in _PLAIN}
        return {
            **state,
            "region": list(self._region),
            "asked": [[number, list(region)] for number, region in self._asked.items()],
            "new": [look.to_json() for look in self._new],
            "looks": [look.to_json() for look in self._looks],
            "best": None if self._best is None else self._best.to_json(),
            "spans": list(self._spans),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was returned."""
        for name in _PLAIN:
            setattr(self, f"_{name}", state[name])
        self._region = tuple(state["region"])
        self._asked = {number: tuple(region) for number, region in state["asked"]}
        self._new = [Look.from_json(look) for look in state["new"]]
        self._looks = [Look.from_json(look) for look in state["looks"]]
        self._best = None if state["best"] is None else Look.from_json(state["best"])
        self._spans = list(state["spans"])

    def _choose(self, position):
        """The region of the frame at this position of the block."""
        if self._mode == SEARCH and self._cursor + position < len(self._windows()):
            return self._windows()[self._cursor + position]
        if self._mode == REFINE:
            part = _REFINED_SPANS[position % len(_REFINED_SPANS)]
            person = self._observe([self._best])
            center = center_of(self._best.region) if person is None else person.center
            return self._shape.place(center, self._span_of(self._best.region) * part)
        return self._region

    def _decide(self, start):
        """Judges the last block; `start` is the first frame of the next."""
        if self._new:  # otherwise no frame was decoded
            looks = self._new
            self._new = []
            getattr(self, f"_after_{self._mode}")(looks, start)

    def _after_start(self, looks, start):
        height = mean_height(looks)
        if height >= self._usual(self._settings.sure) or not self._settings.searches:
            self._lock(looks)
            self._after_follow([], start)
        else:
            self._search(height)

    def _after_follow(self, looks, start):
        self._looks = (self._looks + looks)[-self._settings.history :]
        person = self._observe(self._looks)
        height = mean_height(looks or self._looks)
        if person is None or height < self._settings.lost * self._level:
            self._mode = WIDEN
            self._after_widen([], start)
            return
        self._level += 0.1 * (height - self._level)
        self._spans = [*self._spans, self._shape.span(person.size_wh)][-_REMEMBERED_SPANS:]
        self._region = self._steady_region(person, start)

    def _after_widen(self, looks, start):
        if looks and mean_height(looks) >= self._settings.lost * self._level:
            self._refine(max(looks, key=Look.height))
            return
        self._region = self._shape.place(center_of(self._region), self._span_of(self._region) * self._settings.widen)
        if self._settings.searches and self._region == self._shape.whole():
            self._search(mean_height(looks) if looks else 0.0)

    def _after_search(self, looks, start):
        self._best = max([*([self._best] if self._best else []), *looks], key=Look.height)
        self._cursor += len(self._asked)
        height = self._best.height()
        finished = self._cursor >= len(self._windows())
        if height >= _CLEARLY * self._whole_height and (finished or height >= self._usual(self._settings.likely)):
            self._refine(self._best)
        elif finished:
            self._give_up(looks)

    def _after_refine(self, looks, start):
        by_region: dict[Region, list[Look]] = {}
        for look in looks:
            by_region.setdefault(look.region, []).append(look)
        best = max(by_region.values(), key=mean_height)
        if mean_height(best) >= 0.9 * self._best.height():
            self._region = best[0].region
            self._lock(best)
            self._after_follow([], start)
        elif self._settings.searches and self._cursor < len(self._windows()):
            self._mode = SEARCH
            self._best = None
        else:
            self._give_up(looks)

    def _after_rest(self, looks, start):
        height = mean_height(looks)
        self._cursor -= 1
        if height >= self._usual(self._settings.sure):
            self._lock(looks)
        elif self._cursor <= 0 and self._settings.searches:
            self._search(height)

    def _lock(self, looks, level=None):
        """Follows the person of these looks, who were found in the current region."""
        self._mode = FOLLOW
        self._level = mean_height(looks) if level is None else level
        self._looks = looks[-self._settings.history :]
        self._spans = []
        self._rests = 0
        self._share = self._settings.share
        self._first_span = self._span_of(self._region)

    def _search(self, whole_height):
        self._mode = SEARCH
        self._region = self._shape.whole()
        self._whole_height = whole_height
        self._cursor = 0
        self._best = None

    def _windows(self):
        """The windows of a search: not the smallest if the person is likely to be in the whole frame."""
        return self._few_windows if self._whole_height >= self._settings.likely else self._all_windows

    def _refine(self, look):
        self._mode = REFINE
        self._best = look

    def _give_up(self, looks):
        """Ends a search without result: the person may be in the whole frame after all."""
        self._region = self._shape.whole()
        if self._whole_height >= self._usual(self._settings.likely):
            self._lock(looks, self._whole_height)
            return
        self._mode = REST
        self._cursor = self._settings.rest * 2**self._rests
        self._rests += 1

    def _usual(self, height):
        """A bound of the mean height of the maps, lower for a net that has found the person at lower heights."""
        return min(height, height * self._level / self._settings.sure) if self._level else height

    def _observe(self, looks: Sequence[Look]) -> ObservedPerson | None:
        scores = np.nan_to_num(np.stack([look.scores for look in looks]), nan=1.0)
        seen = scores >= _SEEN * (self._level or self._settings.likely)
        return observe(np.array([look.number for look in looks]), np.stack([look.joints for look in looks]), seen)

    def _steady_region(self, person, start):
        """The current region if the person fits into it in the next block, otherwise one around the person."""
        settings = self._settings
        span = self._span_of(self._region)
        ratio = self._wanted_span() / span
        # Where the person will be at the beginning and at the end of the next block.
        moves = [
            np.clip(np.multiply(person.velocity, number - person.number), -span / 4, span / 4)
            for number in (start, start + settings.block)
        ]
        low = np.add(person.extent[:2], np.minimum(*moves))
        high = np.add(person.extent[2:], np.maximum(*moves))
        fits = self._is_inside(low, high, settings.margin * span)
        if fits and 1 / settings.size_change <= ratio <= settings.size_change:
            return self._region
        needed = self._shape.span(high - low) / (1 - 2 * settings.margin)
        ratio = float(np.clip(ratio, 1 / settings.size_step, settings.size_step))
        wanted = max(span * ratio, min(needed, span * settings.size_step), _MIN_SPAN)
        return self._shape.place((low + high) / 2, wanted)

    def _wanted_span(self):
        """The span of the region in which the person has the size of the reference."""
        size = float(np.quantile(self._spans, 0.75))
        if not self._share and len(self._spans) == _REMEMBERED_SPANS:
            self._share = min(max(size / self._first_span, 0.02), 1.0)
        return size / self._share if self._share and size > 0 else self._span_of(self._region)

    def _is_inside(self, low, high, margin):
        """Whether a box lies in the inner zone; at the edges of the frame, the zone reaches to the edge."""
        for axis, limit in enumerate(self._shape.size_hw[::-1]):
            first = self._region[axis]
            last = first + self._region[axis + 2]
            if (first > 0 and low[axis] < first + margin) or (last < limit and high[axis] > last - margin):
                return False
        return True

    def _span_of(self, region):
        return self._shape.span(region[2:])


_PLAIN = ("mode", "block", "share", "first_span", "level", "whole_height", "cursor", "rests")
