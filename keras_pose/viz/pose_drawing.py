"""Draws the people of one frame: edges, joints, how certain they are, and where they were.

Everything is drawn into the frame that is given, uint8 RGB [H, W, 3], with soft outlines and strokes that suit its
size. Points are (x, y) in px of that frame; a joint at NaN is not drawn, and neither are its edges. Dark rims make the
colours readable on any background. The less certain a joint is, the fainter it is; a dashed ring marks one that is
ambiguous. Which colour and which shape: `pose_marks.py`.

Letters in shapes: P people, J joints, K older frames.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np

from keras_pose.skeleton import Skeleton
from keras_pose.viz import pose_marks

_DARK = (20, 20, 20)
_SHIFT = 4  # OpenCV takes positions as integers with this many binary places
_UNITS_PX = 400.0  # longer side of a frame in which strokes have their basic width
_FAINTEST = 0.25  # strength of a joint of confidence 0
_TRAIL_STRENGTHS = (0.25, 0.5, 0.8)  # of the oldest, the middle and the newest third of a trail
_DASHES = 8


def draw_people(
    frame: np.ndarray,
    joints: np.ndarray,
    skeleton: Skeleton,
    confidences: np.ndarray | None = None,
    ambiguous: np.ndarray | None = None,
    stroke: float = 1.0,
) -> None:
    """Draws skeletons into a frame.

    Args:
      frame: uint8 [H, W, 3], is changed.
      joints: float [P, J, 2], px; NaN: not drawn.
      skeleton: `Skeleton`.
      confidences: float [P, J], 0 to 1; NaN, or None: certain.
      ambiguous: bool [P, J]; None: none is.
      stroke: factor on the size of all strokes.

    Raises:
      ValueError: if the frame is none, or the joints are not the skeleton's.
    """
    joints = _checked(frame, joints, skeleton)
    strengths = _strengths(confidences, joints.shape[:2])
    unit = unit_px(frame, stroke)
    for person, points in enumerate(joints):
        marks = pose_marks.choose_marks(skeleton, person, len(joints))
        known = np.isfinite(points).all(-1)
        for a, b, color in marks.edges:
            if known[a] and known[b]:
                strength = min(strengths[person, a], strengths[person, b])
                _draw_edge(frame, points[a], points[b], color, strength, unit)
        for j in np.flatnonzero(known):
            draw_joint(frame, points[j], marks.colors[j], marks.shapes[j], unit, strengths[person, j])
            if ambiguous is not None and ambiguous[person, j]:
                draw_dashed_ring(frame, points[j], unit)


def draw_trails(frame: np.ndarray, path: np.ndarray, skeleton: Skeleton, stroke: float = 1.0) -> None:
    """Draws where the joints were in the last frames, fainter the longer ago.

    Args:
      frame: uint8 [H, W, 3], is changed.
      path: float [K + 1, P, J, 2], px: joints of K older frames, oldest first, and of this frame. A line ends where a
        joint is NaN.
      skeleton: `Skeleton`.
      stroke: factor on the size of all strokes.
    """
    path = np.asarray(path, np.float64)
    if len(path) < 2 or not path.size:
        return
    width = max(1, round(1.1 * unit_px(frame, stroke)))
    groups = np.array_split(np.arange(len(path) - 1), len(_TRAIL_STRENGTHS))
    for strength, steps in zip(_TRAIL_STRENGTHS, groups):
        if not len(steps):
            continue
        part = path[steps[0] : steps[-1] + 2]
        lines = [
            (line, pose_marks.choose_marks(skeleton, person, part.shape[1]).colors[j])
            for person in range(part.shape[1])
            for j in range(part.shape[2])
            for line in _unbroken(part[:, person, j])
        ]
        if lines:
            _blend(frame, np.concatenate([line for line, _ in lines]), width + 1, strength, _line_painter(lines, width))


def draw_joint(
    frame: np.ndarray, point: np.ndarray, color: pose_marks.Color, shape: str, unit: float, strength: float = 1.0
) -> None:
    """Draws one joint into a frame.

    Args:
      frame: uint8 [H, W, 3], is changed.
      point: (x, y) in px.
      color: (r, g, b).
      shape: one of `pose_marks`: a disc, a square or a diamond.
      unit: basic width of strokes in px, see `unit_px`.
      strength: 0 (invisible) to 1.
    """
    rim = max(1.0, 0.8 * unit)
    radius = 3.3 * unit

    def paint(canvas, origin):
        center = point - origin
        for extra, paint_color in ((rim, _DARK), (0.0, color)):
            if shape == pose_marks.DISC:
                size = round((radius + extra) * 2**_SHIFT)
                cv2.circle(canvas, _fixed(center), size, paint_color, -1, cv2.LINE_AA, _SHIFT)
            else:
                corners = _corners(shape, radius, extra) + center
                cv2.fillConvexPoly(canvas, _fixed_line(corners), paint_color, cv2.LINE_AA, _SHIFT)

    _blend(frame, point[None], 1.5 * (radius + rim) + 2, strength, paint)


def draw_dashed_ring(frame: np.ndarray, point: np.ndarray, unit: float) -> None:
    """Draws a dashed ring around (x, y) into a frame, the mark of an ambiguous joint; `unit` as in `draw_joint`."""
    radius = round(6.6 * unit * 2**_SHIFT)
    width = max(1, round(unit))
    step = 360 / _DASHES
    for extra, color in ((max(1, round(0.6 * unit)), _DARK), (0, pose_marks.WHITE)):
        for dash in range(_DASHES):
            start = dash * step
            cv2.ellipse(
                frame,
                _fixed(point),
                (radius, radius),
                0,
                start,
                start + 0.55 * step,
                color,
                width + extra,
                cv2.LINE_AA,
                _SHIFT,
            )


def unit_px(frame: np.ndarray, stroke: float = 1.0) -> float:
    """Returns the basic width of strokes in px: 1 in a frame with a longer side of 400 px."""
    return stroke * max(frame.shape[:2]) / _UNITS_PX


def _draw_edge(frame, start, end, color, strength, unit):
    width = max(1, round(1.2 * unit))
    rim = max(1, round(0.6 * unit))

    def paint(canvas, origin):
        ends = _fixed(start - origin), _fixed(end - origin)
        cv2.line(canvas, *ends, _DARK, width + 2 * rim, cv2.LINE_AA, _SHIFT)
        cv2.line(canvas, *ends, color, width, cv2.LINE_AA, _SHIFT)

    _blend(frame, np.stack([start, end]), width / 2 + rim + 2, strength, paint)


def _blend(frame, points, margin, strength, paint: Callable[[np.ndarray, np.ndarray], None]):
    """Lets `paint` draw on the part of a frame around points, and mixes the result in by `strength`."""
    low = np.maximum(np.floor(points.min(0) - margin), 0).astype(int)
    high = np.minimum(np.ceil(points.max(0) + margin) + 1, frame.shape[1::-1]).astype(int)
    if (low >= high).any():  # outside
        return
    part = frame[low[1] : high[1], low[0] : high[0]]
    if strength >= 0.995:
        paint(frame, np.zeros(2))
        return
    painted = part.copy()
    paint(painted, low)
    part[:] = cv2.addWeighted(painted, strength, part, 1 - strength, 0)


def _line_painter(lines, width):
    def paint(canvas, origin):
        for line, color in lines:
            cv2.polylines(canvas, [_fixed_line(line - origin)], False, color, width, cv2.LINE_AA, _SHIFT)

    return paint


def _unbroken(points):
    """Splits [K, 2] where points are NaN; yields the parts that are lines."""
    known = np.isfinite(points).all(-1)
    if known.all():
        return [points]
    breaks = np.flatnonzero(~known)
    return [part for part in (p[np.isfinite(p).all(-1)] for p in np.split(points, breaks)) if len(part) > 1]


def _corners(shape, radius, extra):
    """float [4, 2]: corners of a square or a diamond of about the area of a disc."""
    if shape == pose_marks.SQUARE:
        half = 0.886 * radius + extra
        return np.array([(-half, -half), (half, -half), (half, half), (-half, half)])
    reach = 1.253 * radius + extra * math.sqrt(2)
    return np.array([(0, -reach), (reach, 0), (0, reach), (-reach, 0)])


def _strengths(confidences, shape):
    if confidences is None:
        return np.ones(shape)
    confidences = np.nan_to_num(np.asarray(confidences, np.float64), nan=1.0)
    return _FAINTEST + (1 - _FAINTEST) * np.clip(confidences, 0, 1)


def _fixed(point):
    # Points far outside would overflow OpenCV's integers; a clamped line leaves the picture all the same.
    return tuple(int(round(v * 2**_SHIFT)) for v in np.clip(point, -30000, 30000).tolist())


def _fixed_line(points):
    return np.round(np.clip(points, -30000, 30000) * 2**_SHIFT).astype(np.int32)


def _checked(frame, joints, skeleton):
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        raise ValueError(f"expected a frame uint8 [H, W, 3], received {frame.dtype} {list(frame.shape)}")
    joints = np.asarray(joints, np.float64)
    if joints.ndim != 3 or joints.shape[1:] != (skeleton.num_joints, 2):
        raise ValueError(
            f"expected joints [P, {skeleton.num_joints}, 2] of skeleton {skeleton.name!r}, "
            f"received {list(joints.shape)}"
        )
    return joints
