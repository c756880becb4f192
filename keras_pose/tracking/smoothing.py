"""Smooths the joints of a finished prediction over time: one-euro filter, or median of a few frames.

The one-euro filter (Casiez, Roussel, Vogel, CHI 2012, doi 10.1145/2207676.2208639, algorithms 1 and 2) is a low-pass
filter whose cutoff frequency rises with the speed: still joints stop trembling, and fast ones lag little. It looks at
past frames only. Each coordinate is filtered on its own:

    τ(f) = 1 / (2π f),  α(f) = 1 / (1 + τ(f) / Δt)
    v̂ ← v̂ + α(derivative_cutoff) · ((x − x̂) / Δt − v̂)
    x̂ ← x̂ + α(min_cutoff + beta · |v̂|) · (x − x̂)

Δt is the time since the last frame in which the joint was there, so uneven times are respected. Speeds are in sides per
second, not in px, so that one `beta` fits videos of all sizes.

Gaps stay gaps: where a joint is NaN, it stays NaN, and nothing is filled in. Behind a gap longer than `max_gap_s` the
filter starts again, as at the beginning, and the median does not look across it.

Letters in shapes: N frames, P people, J joints.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from keras_pose.poses.video_poses import VideoPoses

NONE = "none"
ONE_EURO = "one_euro"
MEDIAN = "median"
METHODS = (NONE, ONE_EURO, MEDIAN)

MIN_CUTOFF_HZ = 2.0
BETA = 80.0
DERIVATIVE_CUTOFF_HZ = 1.0  # that of the paper
MEDIAN_FRAMES = 3
MAX_GAP_S = 0.25
_CHUNK = 4096  # frames whose medians are computed at once


def smooth(
    joints: np.ndarray,
    scores: np.ndarray,
    times_s: np.ndarray,
    method: str,
    *,
    side_px: float,
    min_cutoff_hz: float = MIN_CUTOFF_HZ,
    beta: float = BETA,
    derivative_cutoff_hz: float = DERIVATIVE_CUTOFF_HZ,
    median_frames: int = MEDIAN_FRAMES,
    max_gap_s: float = MAX_GAP_S,
    min_score: float = 0.0,
) -> np.ndarray:
    """Smooths joints over time.

    Args:
      joints: float [N, P, J, 2], (x, y) in px; NaN: not there.
      scores: float [N, P, J]; a joint below `min_score` stays as it is, and changes no other frame. NaN counts as sure.
      times_s: float [N], when each frame is shown, in s, rising.
      method: "none", "one_euro" or "median".
      side_px: what speeds are measured in: the longer side of the region that the net looked at, in px.
      min_cutoff_hz: one-euro: cutoff frequency for a joint at rest; lower: smoother, and more lag.
      beta: one-euro: how fast the cutoff rises with the speed, in Hz per (side per second); higher: less lag.
      derivative_cutoff_hz: one-euro: cutoff frequency of the speed.
      median_frames: median: number of frames, odd.
      max_gap_s: the longest time in s that is bridged between two frames in which a joint is there.
      min_score: see `scores`.

    Returns:
      float32 [N, P, J, 2]; NaN exactly where `joints` is.

    Raises:
      ValueError: for an unknown method, an argument out of range, or times that are unknown or do not rise.
    """
    joints = np.asarray(joints, np.float32)
    times_s = np.asarray(times_s, np.float64)
    _check(joints, np.asarray(scores), times_s, method)
    for name, value in (("side_px", side_px), ("min_cutoff_hz", min_cutoff_hz), ("max_gap_s", max_gap_s)):
        if not value > 0:
            raise ValueError(f"{name}: expected a number above 0, received {value}")
    if not (beta >= 0 and derivative_cutoff_hz > 0):
        raise ValueError(
            f"beta, derivative_cutoff_hz: expected 0 or more, and above 0, received {beta}, {derivative_cutoff_hz}"
        )
    if median_frames < 1 or median_frames % 2 == 0:
        raise ValueError(f"median_frames: expected an odd number, received {median_frames}")
    if method == NONE or not len(joints):
        return joints
    used = np.isfinite(joints).all(-1) & ~(np.asarray(scores) < min_score)
    points = np.where(used[..., None], joints, np.nan).astype(np.float64)
    if method == ONE_EURO:
        cutoffs = (min_cutoff_hz, beta / side_px, derivative_cutoff_hz)
        smoothed = _filter_one_euro(points, times_s, cutoffs, max_gap_s)
    else:
        smoothed = _filter_median(points, times_s, median_frames, max_gap_s)
    return np.where(used[..., None], smoothed, joints).astype(np.float32)


def smooth_poses(poses: VideoPoses, method: str, **arguments: Any) -> VideoPoses:
    """Smooths the joints of a video; scores and confidences stay those of the unsmoothed joints.

    Args:
      poses: `VideoPoses`. If its times are unknown or do not rise, frames follow each other at the stated frame rate,
        or at 25 per s.
      method: see `smooth`.
      **arguments: further arguments of `smooth` except `side_px`, which is the median of the regions' longer sides.

    Returns:
      `VideoPoses` with `settings["smoothing"]`.
    """
    times = poses.times_s
    if not (np.isfinite(times).all() and (np.diff(times) > 0).all()):
        times = poses.frames / (poses.video.fps or 25.0)
    sides = poses.regions[..., 2:].max(-1)
    sides = sides[np.isfinite(sides)]
    side_px = float(np.median(sides)) if sides.size else float(max(poses.video.size_hw))
    joints = smooth(poses.joints, poses.scores, times, method, side_px=side_px, **arguments)
    return poses.replace(joints=joints, settings={**poses.settings, "smoothing": {"method": method, **arguments}})


def _check(joints, scores, times_s, method):
    if method not in METHODS:
        raise ValueError(f"smoothing: expected one of {', '.join(METHODS)}, received {method!r}")
    if joints.ndim != 4 or joints.shape[-1] != 2:
        raise ValueError(f"joints: expected shape [N, P, J, 2], received {list(joints.shape)}")
    if scores.shape != joints.shape[:-1] or times_s.shape != joints.shape[:1]:
        raise ValueError(
            f"scores, times_s: expected shapes {list(joints.shape[:-1])} and {list(joints.shape[:1])}, "
            f"received {list(scores.shape)} and {list(times_s.shape)}"
        )
    if method != NONE and not (np.isfinite(times_s).all() and (np.diff(times_s) > 0).all()):
        raise ValueError("times_s: expected known times that rise from frame to frame, received others")


def _filter_one_euro(points, times_s, cutoffs, max_gap_s):
    """Filters float64 [N, P, J, 2]; NaN stays NaN."""
    min_cutoff, beta, derivative_cutoff = cutoffs
    smoothed = np.full_like(points, np.nan)
    position = np.zeros_like(points[0])
    speed = np.zeros_like(points[0])
    last_s = np.full(points.shape[1:3], -math.inf)  # when each joint was there last
    for number, time_s in enumerate(times_s):
        point = points[number]
        there = np.isfinite(point).all(-1)
        elapsed = np.where(there, time_s - last_s, 1.0)
        fresh = elapsed > max_gap_s
        step = np.where(fresh, 1.0, elapsed)[..., None]
        new_speed = speed + _smoothing(derivative_cutoff, step) * ((point - position) / step - speed)
        new_position = position + _smoothing(min_cutoff + beta * np.abs(new_speed), step) * (point - position)
        # Start again behind long gaps, and leave everything as it is where there is no joint.
        fresh = fresh[..., None]
        kept = there[..., None]
        speed = np.where(kept, np.where(fresh, 0.0, new_speed), speed)
        position = np.where(kept, np.where(fresh, point, new_position), position)
        last_s = np.where(there, time_s, last_s)
        smoothed[number] = np.where(kept, position, np.nan)
    return smoothed


def _smoothing(cutoff_hz, step_s):
    """The weight α of the new value in a low-pass filter."""
    return 1 / (1 + 1 / (2 * np.pi * cutoff_hz * step_s))


def _filter_median(points, times_s, num_frames, max_gap_s):
    """Medians of float64 [N, P, J, 2] over the frames around each; NaN stays NaN.

    A frame counts only together with its mirror image on the other side: their number is odd, and no median leans to
    one side at the ends of the video or beside gaps.
    """
    parts = _number_parts(np.isfinite(points).all(-1), times_s, max_gap_s)
    reach = min(num_frames // 2, len(points) - 1)
    padded = np.pad(points, ((reach, reach), (0, 0), (0, 0), (0, 0)), constant_values=np.nan)
    padded_parts = np.pad(parts, ((reach, reach), (0, 0), (0, 0)), constant_values=-1)
    smoothed = np.full_like(points, np.nan)
    for start in range(0, len(points), _CHUNK):
        end = min(start + _CHUNK, len(points))
        window = np.stack([padded[start + n : end + n] for n in range(2 * reach + 1)])
        same = np.stack([padded_parts[start + n : end + n] == parts[start:end] for n in range(2 * reach + 1)])
        window[~(same & same[::-1])] = np.nan
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of joints that are not there
            smoothed[start:end] = np.nanmedian(window, axis=0)
    return smoothed


def _number_parts(there, times_s, max_gap_s):
    """Numbers the parts of each track between long gaps: int [N, P, J]; -2: not there."""
    rows = np.arange(len(there))[:, None, None]
    last = np.maximum.accumulate(np.where(there, rows, -1), axis=0)
    before = np.concatenate([np.full_like(last[:1], -1), last[:-1]])
    begins = there & ((before < 0) | (times_s[:, None, None] - times_s[before] > max_gap_s))
    return np.where(there, np.cumsum(begins, axis=0), -2)
