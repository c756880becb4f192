"""Whether a teacher's joints agree in time: those of neighbouring frames, carried along the optical flow, come to the
same place.

A joint that jumps to something else (the other hand, a pattern in the background) moves in a way that the picture does
not. The joint p(s) of each neighbour s is carried step by step to frame t, with reliability r(s) of the way
(`labelling.starting_labels`). With d(s) = 1 if the carried joint lies within the tolerance of p(t), else 0,

    agreement(t) = (½ + Σ r(s)·d(s)) / (1 + Σ r(s)).

It is near 1 if reliable neighbours agree, near 0 if they contradict, and ½ if nothing is known (a cut, a hidden joint,
a video of one frame). A neighbour that the teacher itself is not sure of counts by its confidence.

Letters in shapes: N frames, J joints, T frames of the video.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Iterable

import cv2
import numpy as np

from keras_pose.flow import estimators, opencv
from keras_pose.labelling.starting_labels import FlowStep, estimate_step

UNKNOWN = 0.5
_LONGEST_SIDE_PX = 320  # of the frames that flow is estimated on: a joint need not be carried to the pixel
_SIZE_FRAMES = 50  # frames before and after one whose sizes are looked at
_LEAST_JOINTS = 3  # for a box around a person


@dataclasses.dataclass
class _Carried:
    """The joints of a frame on their way: where they are now, and how reliable the way was."""

    number: int
    points: np.ndarray
    trust: np.ndarray


def person_sizes(joints: np.ndarray, sure: np.ndarray, frame_side_px: float) -> np.ndarray:
    """Returns how large the person is in each frame.

    Args:
      joints: float [N, J, 2], px.
      sure: bool [N, J], joints to look at.
      frame_side_px: longer side of the frames, for videos in which the person is never seen well.

    Returns:
      float64 [N], px: the longer side of the box around the sure joints, its median over 50 frames before and after.
    """
    count = len(joints)
    sides = np.full(count, np.nan)
    for row in np.flatnonzero(sure.sum(1) >= _LEAST_JOINTS):
        sides[row] = np.ptp(joints[row, sure[row]], axis=0).max()
    known = np.isfinite(sides)
    overall = float(np.median(sides[known])) if known.any() else frame_side_px
    sizes = np.full(count, overall)
    for row in range(count):
        near = sides[max(0, row - _SIZE_FRAMES) : row + _SIZE_FRAMES + 1]
        near = near[np.isfinite(near)]
        sizes[row] = np.median(near) if len(near) else overall
    return np.maximum(sizes, 1.0)


class Agreement:
    """Compares the joints of a video with those that flow carries from the frames around them.

    Args:
      numbers: int [N], rising: the frames of the video that have joints.
      joints: float [N, J, 2], px; NaN: not found.
      confidences: float [N, J], 0 to 1.
      tolerances_px: float [N], farthest that a carried joint may be in each frame.
      reach: farthest frame, in frames of the video.
      flow: name of the estimator.
      steps: flow between consecutive frames that is known already, by the number of the second; what is missing is
        added. None: nothing is known, and nothing is kept.
    """

    def __init__(
        self,
        numbers: np.ndarray,
        joints: np.ndarray,
        confidences: np.ndarray,
        tolerances_px: np.ndarray,
        reach: int,
        flow: str = "dis_medium",
        steps: dict[int, FlowStep] | None = None,
    ) -> None:
        self._rows = {int(number): row for row, number in enumerate(numbers)}
        self._last = max(self._rows, default=-1)
        self._joints = np.asarray(joints, np.float32)
        self._known = np.isfinite(self._joints).all(-1)
        self._confidences = np.where(self._known, confidences, 0)
        self._tolerances_px = tolerances_px
        self._reach = reach
        self._steps = steps
        self._estimate = estimators.open_estimator(flow)
        self._agreeing = np.zeros(self._known.shape)
        self._compared = np.zeros(self._known.shape)

    def measure(
        self, frames: Iterable[tuple[int, np.ndarray | None]], progress: Callable[[int], object] | None = None
    ) -> np.ndarray:
        """Measures the agreement of all joints.

        Args:
          frames: (number, uint8 [H, W, 3], or None if it was not decoded) of all frames of the video, in order.
          progress: function that is called with 1 after each frame.

        Returns:
          float32 [N, J], 0 to 1; ½: unknown.
        """
        # The frames of the window, newest last; a frame that does not decode, or is too small for flow, ends it.
        carried: collections.deque[_Carried] = collections.deque()
        steps: collections.deque[tuple[int, FlowStep]] = collections.deque(maxlen=max(self._reach, 1))
        last: np.ndarray | None = None
        for number, frame in frames:
            if number > self._last or not self._reach:
                break
            reduced = None if frame is None else reduce_frame(frame)
            if frame is None or reduced is None or last is None or min(reduced.shape[:2]) < opencv.MIN_SIDE_PX:
                carried.clear()
                steps.clear()
            else:
                step = self._find_step(number, last, reduced, frame.shape[:2])
                steps.append((number, step))
                self._carry_on(carried, step)
            if number in self._rows and reduced is not None:
                self._compare_with_past(carried, number)
                self._compare_past_with(number, steps)
                carried.append(self._start(number))
            while carried and carried[0].number <= number - self._reach:
                carried.popleft()
            last = reduced
            if progress is not None:
                progress(1)
        return ((UNKNOWN + self._agreeing) / (2 * UNKNOWN + self._compared)).astype(np.float32)

    def _find_step(self, number, last, reduced, size_hw):
        if self._steps is None:
            return estimate_step(last, reduced, self._estimate, size_hw)
        if number not in self._steps:
            self._steps[number] = estimate_step(last, reduced, self._estimate, size_hw)
        return self._steps[number]

    def _start(self, number):
        row = self._rows[number]
        return _Carried(number, self._joints[row], self._confidences[row])

    @staticmethod
    def _carry_on(carried, step):
        for item in carried:
            item.points, item.trust = step.forwards(item.points, item.trust)

    def _compare_with_past(self, carried, number):
        """Earlier joints, carried to this frame, against its own."""
        for item in carried:
            self._note(self._rows[number], item.points, item.trust)

    def _compare_past_with(self, number, steps):
        """The joints of this frame, carried backwards, against those of earlier frames."""
        item = self._start(number)
        for behind, step in reversed(steps):
            item.points, item.trust = step.backwards(item.points, item.trust)
            if behind - 1 in self._rows:
                self._note(self._rows[behind - 1], item.points, item.trust)

    def _note(self, row, points, trust):
        distances = np.linalg.norm(points - self._joints[row], axis=-1)
        there = np.isfinite(distances)
        weight = np.where(there, trust, 0)
        self._compared[row] += weight
        self._agreeing[row] += weight * (np.where(there, distances, np.inf) <= self._tolerances_px[row])


def reduce_frame(frame: np.ndarray) -> np.ndarray:
    """Shrinks a frame, uint8 [H, W, 3], to what flow is estimated on."""
    height, width = frame.shape[:2]
    scale = _LONGEST_SIDE_PX / max(height, width)
    if scale >= 1:
        return frame
    return cv2.resize(frame, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
