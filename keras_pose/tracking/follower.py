"""A region that follows one person from the poses of the last frames.

**Scale.** A net knows people at about the size at which it was trained: on synthetic signers, the error is 4 times as
large if they appear 1.6 times too small, and 10 times at a factor of 2, while the heights of the maps only fall from
0.88 to 0.70 and 0.56. What size that is differs: the joints of a signer take half of the training frames, those of lips
a tenth. So the reference is no fixed margin but the size at which the net itself is surest: if it is sure in the whole
frame, people have the right size there; otherwise windows of several sizes are searched, and the size is refined around
the best. From then on, `steady_region` keeps the person at this size; `FollowSettings.share` sets it instead.

**Loss.** The heights of the maps fall if the person is gone, hidden, or suddenly of another size. Then the region
widens step by step to the whole frame; then windows are searched. If nobody is found, the region is the whole frame for
a while, twice as long each time, since a net that is never sure is best left alone.

All decisions are made at the first frame of a block. In a search, each frame of a block has a window of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose.tracking.follow_settings import FollowSettings
from keras_pose.tracking.looks import Look, mean_height
from keras_pose.tracking.observed_person import ObservedPerson, observe
from keras_pose.tracking.region_shapes import FrameShape, center_of
from keras_pose.tracking.regions import Region
from keras_pose.tracking.steady_region import SteadyRegion

# What a follower is doing.
START = "start"
FOLLOW = "follow"
WIDEN = "widen"
SEARCH = "search"
REFINE = "refine"
REST = "rest"

_PATIENCE = 3  # blocks before the whole frame is doubted if a person is likely to be there
_REFINED_SPANS = (1.0, 0.8, 0.64, 0.51)  # of the region in which the person was found
_CLEARLY = 1.2  # factor between the heights in the best window and in the whole frame
_SEEN = 0.5  # a joint counts if its map has this part of the usual height
_LEVEL_RATE = 0.1  # how fast the usual height follows, per block
_PLAIN = ("mode", "block", "level", "whole_height", "cursor", "rests")  # attributes that are JSON


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
        self._few_windows = shape.search_windows(levels=1)[1:]
        self._all_windows = shape.search_windows(levels=3)[1:]
        self._steady = SteadyRegion(shape, self._settings)
        self._mode = START
        self._region = shape.whole() if start is None else start
        self._block = -1
        self._asked: dict[int, Region] = {}  # the regions of the frames of this block
        self._new: list[Look] = []  # what was found there
        self._looks: list[Look] = []  # the last looks at the person who is followed
        self._level = 0.0  # the usual height; 0: nobody was found yet
        self._whole_height = 0.0  # the height in the whole frame before a search
        self._cursor = 0  # START: blocks so far; SEARCH: the next window; REST: blocks that are left
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
            self._new.append(Look.at(number, self._asked[number], joints, scores))

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
        return {
            **{name: getattr(self, f"_{name}") for name in _PLAIN},
            "region": list(self._region),
            "asked": [[number, list(region)] for number, region in self._asked.items()],
            "new": [look.to_json() for look in self._new],
            "looks": [look.to_json() for look in self._looks],
            "best": None if self._best is None else self._best.to_json(),
            "steady": self._steady.state(),
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
        self._steady.restore(state["steady"])

    def _choose(self, position):
        """The region of the frame at this position of the block."""
        if self._mode == SEARCH and self._cursor + position < len(self._windows()):
            return self._windows()[self._cursor + position]
        if self._mode == REFINE:
            part = _REFINED_SPANS[position % len(_REFINED_SPANS)]
            person = self._observe([self._best])
            center = center_of(self._best.region) if person is None else person.center
            return self._shape.place(center, self._shape.span(self._best.region[2:]) * part)
        return self._region

    def _decide(self, start):
        """Judges the last block; `start` is the first frame of the next."""
        looks = self._new
        self._new = []
        if not looks:  # no frame was decoded
            return
        if self._mode == FOLLOW:
            self._follow(looks, start)
        else:
            judge = {
                START: self._judge_start,
                WIDEN: self._judge_widened,
                SEARCH: self._judge_windows,
                REFINE: self._judge_spans,
                REST: self._judge_rest,
            }
            judge[self._mode](looks)
            if self._mode == FOLLOW:  # the person was just found: use these looks at once
                self._follow([], start)

    def _follow(self, looks, start):
        self._looks = (self._looks + looks)[-self._settings.history :]
        person = self._observe(self._looks)
        height = mean_height(looks or self._looks)
        if person is None or height < self._settings.lost * self._level:
            self._mode = WIDEN
            self._widen(height)
            return
        self._level += _LEVEL_RATE * (height - self._level)
        self._region = self._steady.next(self._region, person, start)

    def _judge_start(self, looks):
        height = mean_height(looks)
        self._cursor += 1
        if height >= self._usual(self._settings.sure) or not self._settings.searches:
            self._lock(looks)
        elif height < self._settings.likely or self._cursor >= _PATIENCE:
            self._search(height)

    def _judge_widened(self, looks):
        height = mean_height(looks)
        if height >= self._settings.lost * self._level:
            self._refine(max(looks, key=Look.height))
        else:
            self._widen(height)

    def _widen(self, height):
        if self._settings.searches and self._region == self._shape.whole():
            self._search(height)
            return
        span = self._shape.span(self._region[2:]) * self._settings.widen
        self._region = self._shape.place(center_of(self._region), span)

    def _judge_windows(self, looks):
        self._best = max([*([self._best] if self._best else []), *looks], key=Look.height)
        self._cursor += len(self._asked)
        height = self._best.height()
        found = height >= max(_CLEARLY * self._whole_height, self._usual(self._settings.likely))
        if found or self._cursor >= len(self._windows()):
            self._refine(self._best)

    def _judge_spans(self, looks):
        by_region: dict[Region, list[Look]] = {}
        for look in looks:
            by_region.setdefault(look.region, []).append(look)
        best = max(by_region.values(), key=mean_height)
        needed = max(_CLEARLY * self._whole_height, min(0.9 * self._best.height(), self._usual(self._settings.likely)))
        if mean_height(best) >= needed:
            self._region = best[0].region
            self._lock(best)
        elif self._settings.searches and self._cursor < len(self._windows()):
            self._mode = SEARCH
            self._best = None
        else:
            self._give_up(looks)

    def _judge_rest(self, looks):
        height = mean_height(looks)
        self._cursor -= 1
        if height >= self._usual(self._settings.sure):
            self._lock(looks)
        elif self._cursor <= 0:
            self._search(height)

    def _lock(self, looks, level=None):
        """Follows the person of these looks, who were found in the current region."""
        self._mode = FOLLOW
        self._level = mean_height(looks) if level is None else level
        self._looks = looks[-self._settings.history :]
        self._rests = 0
        self._whole_height = 0.0
        self._steady.begin(self._region)

    def _search(self, whole_height):
        self._mode = SEARCH
        self._region = self._shape.whole()
        self._whole_height = whole_height
        self._cursor = 0
        self._best = None

    def _windows(self):
        """The windows of a search: only the largest if the person is likely to be in the whole frame."""
        return self._few_windows if self._whole_height >= self._settings.likely else self._all_windows

    def _refine(self, look):
        self._mode = REFINE
        self._best = look

    def _give_up(self, looks):
        """Ends a search without result: the person may be in the whole frame after all."""
        self._region = self._shape.whole()
        if self._whole_height >= self._settings.likely:
            self._lock(looks, self._whole_height)
            return
        self._mode = REST
        self._cursor = self._settings.rest * 2**self._rests
        self._rests += 1

    def _usual(self, height):
        """A bound of the height, lower for a net that has found the person at lower heights."""
        return min(height, height * self._level / self._settings.sure) if self._level else height

    def _observe(self, looks: Sequence[Look]) -> ObservedPerson | None:
        scores = np.nan_to_num(np.stack([look.scores for look in looks]), nan=1.0)
        seen = scores >= _SEEN * (self._level or self._settings.likely)
        return observe(np.array([look.number for look in looks]), np.stack([look.joints for look in looks]), seen)
