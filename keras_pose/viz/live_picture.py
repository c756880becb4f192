"""The picture of a live frame: drawn as labelled videos are, with the regions that the net looked at.

Letters in shapes: J joints, H W a frame.
"""

from __future__ import annotations

import collections
import math
from collections.abc import Mapping
from typing import NamedTuple

import cv2
import numpy as np

from keras_pose.skeleton import Skeleton
from keras_pose.viz import text
from keras_pose.viz.frame_layout import FrameLayout
from keras_pose.viz.label_style import FramePeople, Run, Style
from keras_pose.viz.labelled_frame import FrameLabeller

_STYLE = Style(least_side_px=640, most_side_px=1280)
_LINE_COLOR = (255, 255, 255)
_TEXT_PX = 16


class LivePerson(NamedTuple):
    """What is drawn of a person.

    Attributes:
      joints: float [J, 2], px of the frame; NaN: not there.
      confidences: float [J], 0 to 1.
      ambiguous: bool [J]; None: unknown.
      region: (left, top, width, height) in px of the frame; None: all of it.
    """

    joints: np.ndarray
    confidences: np.ndarray
    ambiguous: np.ndarray | None = None
    region: tuple[float, float, float, float] | None = None


class LivePicture:
    """Draws one live frame after the other. Somebody keeps their colours while they are away.

    Args:
      name: name of the model.
      skeleton: `Skeleton` of the joints.
      style: `Style`.
    """

    def __init__(self, name: str, skeleton: Skeleton, style: Style = _STYLE) -> None:
        self._name = name
        self._skeleton = skeleton
        self._style = style
        self._people: tuple[str, ...] = ()
        self._size_hw: tuple[int, int] = (0, 0)
        self._labeller: FrameLabeller | None = None
        self._scale = 1.0
        self._older: collections.deque[dict[str, np.ndarray]] = collections.deque(maxlen=style.trail_frames)

    def draw(
        self, frame: np.ndarray, people: Mapping[str, LivePerson], number: int, time_s: float = math.nan, line: str = ""
    ) -> np.ndarray:
        """Draws a frame.

        Args:
          frame: uint8 [H, W, 3], RGB, is not changed.
          people: by name.
          number: number of the frame in its source.
          time_s: when it came, in s; NaN: unknown.
          line: shown at the top left.

        Returns:
          uint8 [H', W', 3], RGB; the longer side of the frame in it has 640 to 1280 px.
        """
        labeller = self._prepare(frame, people)
        joints = self._stack({name: person.joints for name, person in people.items()}, (2,))
        confidences = self._stack({name: person.confidences for name, person in people.items()}, ())
        ambiguous = {name: p.ambiguous for name, p in people.items() if p.ambiguous is not None}
        older = [self._stack(joints_of, (2,)) for joints_of in self._older]
        drawn = FramePeople(
            joints,
            confidences,
            self._stack(ambiguous, (), 0).astype(bool),
            np.stack(older) if older else None,
        )
        picture = labeller.draw(frame, [drawn], number, time_s)
        self._older.append({name: np.asarray(person.joints, np.float32) for name, person in people.items()})
        for person in people.values():
            self._draw_region(picture, person.region)
        if line:
            text.put_text(picture, line, _TEXT_PX // 2 + 1, _TEXT_PX + 1, _TEXT_PX, text.PAPER)  # a shadow
            text.put_text(picture, line, _TEXT_PX // 2, _TEXT_PX, _TEXT_PX)
        return picture

    def _prepare(self, frame, people):
        """Returns what draws frames of this size and these people."""
        size_hw = (frame.shape[0], frame.shape[1])
        known = tuple(dict.fromkeys([*self._people, *people]))
        if size_hw != self._size_hw:
            self._older.clear()
        if self._labeller is None or (size_hw, known) != (self._size_hw, self._people):
            self._size_hw = size_hw
            self._people = known
            runs = [Run(self._name, self._skeleton, known)]
            self._labeller = FrameLabeller(size_hw, runs, self._style)
            self._scale = FrameLayout(size_hw, runs, self._style).scale
        return self._labeller

    def _stack(self, arrays, shape, nothing=np.nan):
        """float32 [P, J, *shape]: the arrays of all people that are known; `nothing` for those who are away."""
        stacked = np.full((len(self._people), self._skeleton.num_joints, *shape), nothing, np.float32)
        for name, array in arrays.items():
            stacked[self._people.index(name)] = array
        return stacked

    def _draw_region(self, picture, region):
        if region is None:
            return
        left, top, width, height = region
        corners = np.array([(left, top), (left + width, top + height)]) * self._scale
        start, end = (tuple(int(v) for v in np.clip(corner, -30000, 30000)) for corner in corners)
        cv2.rectangle(picture, start, end, _LINE_COLOR, 1, cv2.LINE_AA)
