"""Labels carried to neighbouring frames by optical flow, to start from when these are labelled.

A label of frame t is carried to frame t + 1 along the flow from t to t + 1, from there on to t + 2, and so on, in both
directions. Each step estimates the flow both ways: where the two do not cancel (Sundaram et al. 2010), or the pictures
do not match, the point is hidden or lost. The confidence of a carried joint is the product of the reliability along its
way.

Letters in shapes: T frames, J joints, H W a frame's height and width, h w the grid of the flow.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from keras_pose.flow import estimators
from keras_pose.labelling import moved_points


class LabelCarrier:
    """Carries labels along the flow between consecutive frames.

    Args:
      flow: name of the estimator (`flow.names`).
      reduce: function of a frame uint8 [H, W, 3] that returns what flow is estimated on; None: the frame.
    """

    def __init__(self, flow: str = "dis_medium", reduce: Callable[[np.ndarray], np.ndarray] | None = None) -> None:
        self._estimate = estimators.open_estimator(flow)
        self._reduce = reduce

    def carry(self, frames: Sequence[np.ndarray], joints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Carries the labels of the first frame through the others.

        Args:
          frames: T consecutive frames, uint8 [H, W, 3]; reversed in time to carry backwards.
          joints: float [J, 2], labels in the first frame, px; NaN: unlabelled.

        Returns:
          points: float32 [T, J, 2], the labels in each frame; NaN stays NaN, also outside the frame.
          confidences: float32 [T, J], 1 in the first frame, 0 where the point is lost or unlabelled.
        """
        size_hw = frames[0].shape[:2]
        known = np.isfinite(joints).all(-1)
        points = [np.where(known[:, None], joints, np.nan).astype(np.float32)]
        confidences = [known.astype(np.float32)]
        last = self._reduced(frames[0])
        for frame in frames[1:]:
            reduced = self._reduced(frame)
            moved, confidence = estimate_step(last, reduced, self._estimate, size_hw).forwards(
                points[-1], confidences[-1]
            )
            points.append(moved)
            confidences.append(confidence)
            last = reduced
        return np.stack(points), np.stack(confidences).astype(np.float32)

    def _reduced(self, frame):
        return frame if self._reduce is None else self._reduce(frame)


@dataclasses.dataclass(frozen=True, eq=False)
class FlowStep:
    """The flow between two consecutive frames, both ways, with its reliability, which is found when it is needed.

    Args:
      first, second: uint8 [h, w, 3], what flow was estimated on.
      onwards, back: float32 [h, w, 2], from the first frame to the second, and from the second to the first.
      size_hw: (H, W) of the frames, which points are given in.
    """

    first: np.ndarray
    second: np.ndarray
    onwards: np.ndarray
    back: np.ndarray
    size_hw: tuple[int, int]

    def forwards(self, points: np.ndarray, confidences: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Carries points of the first frame to the second.

        Args:
          points: float32 [J, 2], px; NaN: unknown.
          confidences: float [J], 0 to 1.

        Returns:
          float32 [J, 2], NaN outside the frame, and float32 [J], the confidences times the reliability, 0 outside.
        """
        return self._carry(points, confidences, self.onwards, self._trust_onwards)

    def backwards(self, points: np.ndarray, confidences: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Carries points of the second frame to the first; see `forwards`."""
        return self._carry(points, confidences, self.back, self._trust_back)

    @functools.cached_property
    def _trust_onwards(self) -> np.ndarray:
        return reliability(self.first, self.second, self.onwards, self.back)

    @functools.cached_property
    def _trust_back(self) -> np.ndarray:
        return reliability(self.second, self.first, self.back, self.onwards)

    def _carry(self, points, confidences, flow, trust):
        places = moved_points.to_grid(points, flow.shape[:2], self.size_hw)
        trusted = moved_points.sample(trust, places)
        moved = moved_points.move_points(points, flow, self.size_hw)
        inside = ((moved >= -0.5) & (moved <= np.array(self.size_hw[::-1]) - 0.5)).all(-1)
        carried = np.where(inside, np.nan_to_num(trusted), 0) * confidences
        return np.where(inside[:, None], moved, np.float32(np.nan)), carried.astype(np.float32)


def estimate_step(
    first: np.ndarray,
    second: np.ndarray,
    estimate: Callable[[np.ndarray, np.ndarray], np.ndarray],
    size_hw: Sequence[int],
) -> FlowStep:
    """Estimates the flow between two frames.

    Args:
      first, second: uint8 [h, w, 3], what flow is estimated on.
      estimate: estimator of `flow.estimators`.
      size_hw: (H, W) of the frames, which points are given in.
    """
    onwards = estimate(first, second)
    back = estimate(second, first)
    return FlowStep(first, second, onwards, back, (int(size_hw[0]), int(size_hw[1])))


def reliability(frame: np.ndarray, onto: np.ndarray, onwards: np.ndarray, back: np.ndarray) -> np.ndarray:
    """Judges flow from one frame to the next, pixel by pixel.

    Args:
      frame, onto: uint8 [h, w] or [h, w, 3], the two frames.
      onwards, back: float32 [h, w, 2], the flow from `frame` to `onto`, and from there back.

    Returns:
      float32 [h, w], 0 to 1: the smaller of forward-backward consistency, which misses what appears at once, and of
      photometric similarity, which misses what moves onto something alike (`flow.reliability`).
    """
    before, after = (image if image.ndim == 3 else image[..., None] for image in (frame, onto))
    return _compiled_reliability()(before, after, onwards, back).numpy()


@functools.cache
def _compiled_reliability():
    """The graph of `reliability`: operation by operation it takes twice the time. Sizes differ from call to call."""
    import tensorflow as tf

    from keras_pose.flow import reliability as in_graph

    image = tf.TensorSpec([None, None, None], tf.uint8)
    flow = tf.TensorSpec([None, None, 2], tf.float32)

    @tf.function(input_signature=[image, image, flow, flow], autograph=False)
    def judge(frame, onto, onwards, back):
        consistent = in_graph.forward_backward(onwards, back)
        return tf.minimum(consistent, in_graph.photometric(frame, onto, onwards))

    return judge


def carry_to(
    read: Callable[[Sequence[int]], np.ndarray],
    labels: Mapping[int, np.ndarray],
    targets: Sequence[int],
    farthest: int,
    carrier: LabelCarrier,
) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Carries labels to frames near them, from the nearest labelled frame before and after; the surer joint counts.

    Args:
      read: function of frame numbers that returns uint8 [T, H, W, 3]; it raises ValueError for damaged frames.
      labels: {frame: float [J, 2] px, NaN: unlabelled}.
      targets: the frames to carry labels to.
      farthest: the longest way, in frames.
      carrier: estimates the flow.

    Returns:
      {target: (float32 [J, 2] px, NaN: nothing was carried; float32 [J] confidence)}, only targets with a labelled
      frame near enough.
    """
    labelled = sorted(labels)
    carried: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for target in targets:
        before = [frame for frame in labelled if target - farthest <= frame < target]
        after = [frame for frame in labelled if target < frame <= target + farthest]
        for source in [*before[-1:], *after[:1]]:
            step = 1 if source < target else -1
            try:
                frames = read(list(range(source, target + step, step)))
            except ValueError:
                continue  # a damaged frame lies between
            points, confidences = carrier.carry(list(frames), labels[source])
            found = (points[-1], confidences[-1])
            carried[target] = _surer(carried[target], found) if target in carried else found
    return carried


def _surer(a, b):
    """Takes each joint from the one of two (points, confidences) whose confidence is higher."""
    first = a[1] >= b[1]
    return np.where(first[:, None], a[0], b[0]), np.where(first, a[1], b[1])
