"""Joints of real people carried along flow over several frames: how far they end from their labels."""

from __future__ import annotations

import collections
import functools
from collections.abc import Callable, Sequence

import numpy as np
from scipy import ndimage

from benchmarks.motion.real_clips import RealClip
from keras_pose.data.importers.jhmdb import dataset

GAPS = (3, 5, 10)  # frames
NOT_MOVED = "not moved"
BODY = "body's median motion"
LABELS = "noise of the labels"
BEST = "best for each joint"
REGIONS = ("wrists", "moving wrists", "elbows", "all joints")
_WRISTS = [dataset.JOINTS.index(f"{side}_wrist") for side in ("left", "right")]
_ELBOWS = [dataset.JOINTS.index(f"{side}_elbow") for side in ("left", "right")]
_MOVING = 0.03  # of the size
_EVERY = 2  # frames from one start to the next
_SMOOTHED = 11  # frames that a parabola is fitted to
Estimator = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (target, source) to flow
Errors = dict[tuple[int, str], list[np.ndarray]]  # px, by gap and region: one array for each clip


def carry_joints(joints: np.ndarray, flows: Sequence[np.ndarray]) -> np.ndarray:
    """Moves points along flows, one after the other: p + F(p) with F the composition of the flows.

    Args:
      joints: float [J, 2], px.
      flows: float32 [H, W, 2], from each frame to the next.

    Returns:
      float [J, 2]; NaN for a joint that is NaN.
    """
    for flow in flows:
        at = np.nan_to_num(joints).T[::-1]  # y, x
        moved = [ndimage.map_coordinates(flow[..., axis], at, order=1, mode="nearest") for axis in (0, 1)]
        joints = joints + np.stack(moved, axis=-1)
    return joints


def measure(clips: Sequence[RealClip], estimate: Estimator, direct: bool = False) -> Errors:
    """Carries the joints of clips along an estimator's flow.

    Args:
      clips: clips to measure.
      estimate: the estimator.
      direct: whether flow over several frames is estimated at once instead of composed.
    """

    def predict(clip):
        between = functools.lru_cache(None)(lambda here, there: estimate(clip.frames[here], clip.frames[there]))

        def move(start, gap):
            steps = [(start, start + gap)] if direct else [(start + k, start + k + 1) for k in range(gap)]
            return carry_joints(clip.joints[start], [between(*step) for step in steps])

        return move

    return _collect(clips, predict)


def measure_without_flow(clips: Sequence[RealClip]) -> dict[str, Errors]:
    """Returns the errors of `NOT_MOVED`, of `BODY` and of `LABELS`.

    `LABELS` estimates what perfect flow would be off by: it moves a joint by the motion of its smoothed label.
    """

    def stay(clip):
        return lambda start, gap: clip.joints[start]

    def follow_body(clip):
        joints = clip.joints
        return lambda start, gap: joints[start] + np.nanmedian(joints[start + gap] - joints[start], axis=0)

    def follow_smoothed(clip):
        smoothed = smooth_labels(clip.joints)
        return lambda start, gap: clip.joints[start] + smoothed[start + gap] - smoothed[start]

    moves = {NOT_MOVED: stay, BODY: follow_body, LABELS: follow_smoothed}
    return {name: _collect(clips, move) for name, move in moves.items()}


def smooth_labels(joints: np.ndarray) -> np.ndarray:
    """Fits a parabola to the 11 labels around each one; at the ends of a clip, to its first or last 11.

    Args:
      joints: float [T, J, 2]; if T is below 11, the parabola is fitted to all.

    Returns:
      float [T, J, 2]; NaN if a label that it is fitted to is NaN.
    """
    width = min(_SMOOTHED, len(joints))
    powers = np.vander(np.arange(width), 3)
    fit = powers @ np.linalg.pinv(powers)
    smoothed = np.empty(joints.shape)
    for frame in range(len(joints)):
        first = min(max(frame - width // 2, 0), len(joints) - width)
        smoothed[frame] = np.einsum("t,tjc->jc", fit[frame - first], joints[first : first + width])
    return smoothed


def find_best(measured: Sequence[Errors]) -> Errors:
    """Returns the smallest error of each joint. No choice between these estimators could do better.

    Args:
      measured: errors of estimators, as `measure` returns them.
    """
    keys = measured[0].keys()
    return {key: [np.min(parts, axis=0) for parts in zip(*(errors[key] for errors in measured))] for key in keys}


def _collect(clips, predict):
    errors: Errors = collections.defaultdict(list)
    for clip in clips:
        move = predict(clip)
        for gap in GAPS:
            found = collections.defaultdict(list)
            for start in range(0, len(clip.joints) - gap, _EVERY):
                end = clip.joints[start + gap]
                error = np.linalg.norm(move(start, gap) - end, axis=-1)
                way = np.linalg.norm(end - clip.joints[start], axis=-1)
                moving = way[_WRISTS] > _MOVING * clip.frames.shape[1]
                parts = (error[_WRISTS], error[_WRISTS][moving], error[_ELBOWS], error)
                for region, part in zip(REGIONS, parts):
                    found[region].append(part[np.isfinite(part)])
            for region in REGIONS:
                errors[gap, region].append(np.concatenate([np.zeros(0), *found[region]]))
    return dict(errors)
