"""Predicts the people of live frames: a causal stream for each person, in the region that follows them.

The windows of a person's stream go on while their region moves: for the flow, that is a movement of everything.
Letters in shapes: J joints, H W a frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np

from keras_pose.analysis.live_look_ahead import LookAhead
from keras_pose.analysis.live_rate import LiveRate
from keras_pose.inference.pose_model import CAUSAL, PoseModel, Stream
from keras_pose.pooling.reach import ASSUMED_RATE
from keras_pose.poses.video_poses import ONE_PERSON

_TRIAL_HW = (64, 64)


class Regions(Protocol):
    """Where to look in each frame: the part of a region source of `keras_pose.tracking` that live frames need."""

    def regions(self, number: int, frame: np.ndarray) -> Mapping[str, Any]: ...

    def update(self, number: int, track: str, joints: np.ndarray, scores: np.ndarray) -> None: ...


class LivePose(NamedTuple):
    """The pose of a person in a live frame.

    Attributes:
      joints: float32 [J, 2], px of the frame; NaN: not there.
      ahead: float32 [J, 2], the joints moved on by the look-ahead: what is shown.
      scores: float32 [J].
      confidences: float32 [J], calibrated probabilities; the scores, if the model is not calibrated.
      ambiguous: bool [J], whether there is a second answer that is nearly as good; None: not looked for.
      region: (left, top, width, height) in px of the frame that the net looked at; None: all of it.
    """

    joints: np.ndarray
    ahead: np.ndarray
    scores: np.ndarray
    confidences: np.ndarray
    ambiguous: np.ndarray | None
    region: tuple[float, float, float, float] | None


class LivePeople:
    """Predicts frames one after the other. Windows in seconds follow the rate at which frames come.

    Args:
      model: what predicts.
      regions: where to look; None: one person, in the whole frame.
      look_ahead: frames to look ahead, see `LookAhead`.
      first_rate: frames per second until the rate is measured.

    Attributes:
      frame_rate: frames per second that windows are made for.
    """

    def __init__(
        self,
        model: PoseModel,
        regions: Regions | None = None,
        look_ahead: int = 0,
        first_rate: float = ASSUMED_RATE,
    ) -> None:
        self._model = model
        self._regions = regions
        self._look_ahead = look_ahead
        self._rate = LiveRate(model, first_rate)
        self._people: dict[str, _Person] = {}
        self._count = 0
        # Build the graphs before the first frame comes; all streams of a model share them.
        self._open_stream().push(np.zeros((*_TRIAL_HW, 3), np.uint8))

    @property
    def frame_rate(self) -> float:
        """See the class."""
        return self._rate.frame_rate

    def predict(self, number: int, frame: np.ndarray, time_s: float | None = None) -> dict[str, LivePose]:
        """Returns the poses of a frame by name of the person.

        Args:
          number: the number of the frame in its source; numbers of dropped frames may be missing.
          frame: uint8 [H, W, 3], RGB.
          time_s: its time in s; None: unknown. If the rate of the frames turns out to be another than windows are made
            for, the streams begin again, as at a cut.
        """
        if time_s is not None and self._rate.add(time_s):
            self._people = {n: _Person(self._open_stream(), each.look_ahead) for n, each in self._people.items()}
        if self._regions is None:
            there: dict[str, Any] = {ONE_PERSON[0]: None}
        else:
            there = {name: _as_tuple(region) for name, region in self._regions.regions(self._count, frame).items()}
        for name in set(self._people) - set(there):
            del self._people[name]
        poses = {}
        for name, region in there.items():
            person = self._people.get(name) or self._open(name)
            pose = person.stream.push(frame, region)[-1]
            if self._regions is not None:
                self._regions.update(self._count, name, pose.joints, pose.scores)
            ahead = person.look_ahead.extrapolate(number, frame, pose.joints)
            confidences = pose.scores if pose.confidences is None else pose.confidences
            poses[name] = LivePose(pose.joints, ahead, pose.scores, confidences, pose.ambiguous, region)
        self._count += 1
        return poses

    def _open(self, name):
        self._people[name] = _Person(self._open_stream(), LookAhead(self._look_ahead))
        return self._people[name]

    def _open_stream(self):
        return self._model.stream(CAUSAL, self._rate.frame_rate)


class _Person(NamedTuple):
    """What belongs to a person: the stream of poses, and what moves joints on."""

    stream: Stream
    look_ahead: LookAhead


def _as_tuple(region):
    left, top, width, height = (float(value) for value in region)
    return left, top, width, height
