"""What the last poses of a person say together: place, size and speed, without the joints that are wrong.

Single joints may be missing, uncertain, or fly off for a frame or for long. All statistics are medians over time and
over joints, so that such joints change nothing.
"""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np

_FAR = 4.0  # a joint this many median distances from the middle of the pose is on something else
_JUMP = 0.75  # within one history, a joint does not leave its median place by this part of the pose's size


@dataclasses.dataclass(frozen=True)
class ObservedPerson:
    """A person over some frames; positions in px of the frame.

    Args:
      size_wh: (width, height) of the box around the joints of the median pose.
      extent: (left, top, right, bottom) that all joints lay in, in all frames.
      center: (x, y) of the box of the median pose.
      velocity: (x, y) in px per frame.
      number: the number of the frame that these values stand for, in the middle of the frames.
    """

    size_wh: tuple[float, float]
    extent: tuple[float, float, float, float]
    center: tuple[float, float]
    velocity: tuple[float, float]
    number: float


def observe(numbers: np.ndarray, joints: np.ndarray, seen: np.ndarray) -> ObservedPerson | None:
    """Summarises the last poses of a person.

    Args:
      numbers: int [N], rising numbers of the frames.
      joints: float32 [N, J, 2], (x, y) in px.
      seen: bool [N, J], whether a joint counts.

    Returns:
      `ObservedPerson`; None if fewer than half of the joints are there.
    """
    seen = seen & np.isfinite(joints).all(-1)
    points = np.where(seen[..., None], joints, np.nan).astype(np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of joints that are nowhere
        pose = np.nanmedian(points, axis=0)
        # Leave out joints that are rarely seen, or far from all others.
        usual = seen.mean(0) > 1 / 3 if len(seen) else np.zeros(seen.shape[1:], bool)
        distances = np.linalg.norm(pose - np.nanmedian(pose[usual], axis=0), axis=-1)
        kept = usual & (distances <= _FAR * np.median(distances[usual]))
        if 2 * kept.sum() < len(kept):
            return None
        pose = pose[kept]
        points = points[:, kept]
        size = np.ptp(pose, axis=0)
        # Leave out single positions far from the joint's usual place.
        away = np.linalg.norm(points - pose, axis=-1) > _JUMP * max(size.max(), 1.0)
        points[away] = np.nan
        low = np.nanmin(points, axis=(0, 1))
        high = np.nanmax(points, axis=(0, 1))
        velocity = _velocity(numbers, points)
    center = pose.min(0) + size / 2
    return ObservedPerson(_pair(size), (*_pair(low), *_pair(high)), _pair(center), velocity, float(np.mean(numbers)))


def _velocity(numbers, points):
    """Speed of the middle joint between the first and the second half of the frames, px per frame."""
    half = len(numbers) // 2
    if not half:
        return 0.0, 0.0
    moved = np.nanmedian(np.nanmedian(points[-half:], axis=0) - np.nanmedian(points[:half], axis=0), axis=0)
    frames = np.mean(numbers[-half:]) - np.mean(numbers[:half])
    return _pair(np.nan_to_num(moved / frames))


def _pair(values):
    return float(values[0]), float(values[1])
