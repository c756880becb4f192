"""Several people, whom a detector finds every few frames; in between, the region of each follows the person's poses.

The boxes of a detection go to the people whose boxes they overlap most (`association`); a person's last box is moved by
as much as the poses have moved since. Other boxes are new people, named "1", "2", …. Somebody who is not detected stays
as long as the poses are sure, for some frames at most; then the person is gone, and gets a new name on coming back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from keras_pose.tracking.association import match, overlaps
from keras_pose.tracking.follow_settings import FollowSettings
from keras_pose.tracking.follower import FOLLOW, START, Follower
from keras_pose.tracking.region_shapes import FrameShape
from keras_pose.tracking.regions import Region, RegionSource
from keras_pose.tracking.track_files import PADDING

EVERY = 16  # frames
KEEP = 48  # frames
_MIN_OVERLAP = 0.3  # of SORT


@dataclasses.dataclass
class _Person:
    """A person who was detected.

    Args:
      name: name of the track.
      follower: the region.
      box: the last detected box.
      seen: number of the frame in which it was detected.
      center: where the poses showed the person at that time, (x, y) in px; None if they did not.
    """

    name: str
    follower: Follower
    box: Region
    seen: int
    center: tuple[float, float] | None = None

    def expected_box(self) -> Region:
        """The box, moved by as much as the poses have moved since it was detected."""
        person = self.follower.person()
        if self.center is None or person is None:
            return self.box
        left, top, width, height = self.box
        return left + person.center[0] - self.center[0], top + person.center[1] - self.center[1], width, height


class DetectedPeople(RegionSource):
    """People whom a detector finds. If the size of the frames changes, everybody is new.

    Args:
      detect: function from a frame, uint8 [H, W, 3], to boxes float [N, 4], (left, top, width, height) in px.
      aspect: width of the net's input divided by its height.
      every: frames from one detection to the next at least; detections are made at the first frame of a block.
      keep: frames for which somebody who is not detected stays.
      padding: factor by which boxes are enlarged to regions.
      settings: `FollowSettings`; nobody is searched, since the detector does that.
    """

    def __init__(
        self,
        detect: Callable[[np.ndarray], np.ndarray],
        aspect: float = 1.0,
        every: int = EVERY,
        keep: int = KEEP,
        padding: float = PADDING,
        settings: FollowSettings | None = None,
    ) -> None:
        self._detect = detect
        self._aspect = aspect
        self._every = every
        self._keep = keep
        self._padding = padding
        self._settings = dataclasses.replace(settings or FollowSettings(), searches=False)
        self.block = self._settings.block
        self._people: list[_Person] = []
        self._size_hw: tuple[int, int] = (0, 0)
        self._count = 0  # names given so far
        self._block = -1
        self._detected = -1  # number of the frame of the last detection; -1: none

    def regions(self, number: int, frame: np.ndarray) -> dict[str, Region]:
        """See `RegionSource.regions`."""
        size_hw = (int(frame.shape[0]), int(frame.shape[1]))
        if size_hw != self._size_hw:
            self._size_hw = size_hw
            self._people = []
            self._detected = -1
        for person in self._people:
            person.follower.region(number)  # judges the last block
        block = number // self.block
        if block != self._block or self._detected < 0:
            self._block = block
            if self._detected < 0 or number - self._detected >= self._every:
                self._update_people(number, np.asarray(self._detect(frame), np.float64).reshape(-1, 4))
        return {person.name: person.follower.region(number) for person in self._people if self._is_there(person)}

    def update(self, number: int, track: str, joints: np.ndarray, scores: np.ndarray) -> None:
        """See `RegionSource.update`."""
        for person in self._people:
            if person.name == track:
                person.follower.update(number, joints, scores)

    def state(self) -> dict[str, Any]:
        """See `RegionSource.state`."""
        return {
            "size_hw": list(self._size_hw),
            "count": self._count,
            "block": self._block,
            "detected": self._detected,
            "people": [
                {
                    "name": person.name,
                    "box": list(person.box),
                    "seen": person.seen,
                    "center": None if person.center is None else list(person.center),
                    "follower": person.follower.state(),
                }
                for person in self._people
            ],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """See `RegionSource.restore`."""
        height, width = state["size_hw"]
        self._size_hw = (height, width)
        self._count = state["count"]
        self._block = state["block"]
        self._detected = state["detected"]
        self._people = []
        for entry in state["people"]:
            center = None if entry["center"] is None else tuple(entry["center"])
            person = _Person(entry["name"], self._follower(None), tuple(entry["box"]), entry["seen"], center)
            person.follower.restore(entry["follower"])
            self._people.append(person)

    def _update_people(self, number, boxes):
        """Gives each box of a detection to a person."""
        self._detected = number
        pairs = match([person.expected_box() for person in self._people], boxes, _MIN_OVERLAP)
        for row, column in pairs:
            self._see(self._people[row], number, tuple(map(float, boxes[column])))
        known = {column for _, column in pairs}
        self._people = [person for person in self._people if number - person.seen <= self._keep]
        for column, box in enumerate(boxes):
            if column not in known:
                self._count += 1
                region = self._shape().around(tuple(box), self._padding)
                box = tuple(map(float, box))
                self._people.append(_Person(str(self._count), self._follower(region), box, number))

    def _see(self, person, number, box):
        """Notes where a person was detected, and moves a region that has lost or left the person."""
        region = self._shape().around(box, self._padding)
        current = person.follower.region(number)
        if person.follower.mode not in (FOLLOW, START) or overlaps([region], [current])[0, 0] < _MIN_OVERLAP:
            person.follower.move_to(region)
        person.box = box
        person.seen = number
        observed = person.follower.person()
        person.center = None if observed is None else observed.center

    def _is_there(self, person):
        return person.seen == self._detected or person.follower.mode in (FOLLOW, START)

    def _follower(self, start):
        return Follower(self._shape(), self._settings, start)

    def _shape(self):
        return FrameShape(self._size_hw, self._aspect)
