"""Draws joints and edges on frames, with the skeleton's colours and strokes that suit the picture's size.

A visible joint is a disc, a hidden one a ring, the truth a cross; joints at NaN are left out. Dark rims make every
colour readable on any background. Frames are uint8 RGB [H, W, 3]; points are (x, y) in px of the frame drawn on.
"""

from __future__ import annotations

import cv2
import numpy as np

from keras_pose.data.clip import HIDDEN
from keras_pose.skeleton import Skeleton

_DARK = (20, 20, 20)
_SHIFT = 4  # OpenCV takes positions as integers with this many binary places
_UNITS_PX = 220.0  # longer side of a picture at which strokes have their basic width


def enlarge(frame: np.ndarray, side_px: int) -> tuple[np.ndarray, float]:
    """Resizes a frame so that its longer side has `side_px`; its proportions stay.

    Args:
      frame: uint8 [H, W, 3].
      side_px: int, px of the result.

    Returns:
      uint8 [H', W', 3] and the scale s; a point (x, y) moves to ((x + 0.5)·s − 0.5, …), see `scale_points`.
    """
    height, width = frame.shape[:2]
    scale = side_px / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(frame, size, interpolation=kind), scale


def scale_points(points: np.ndarray, scale: float) -> np.ndarray:
    """Returns float [..., 2]: points of a frame in the picture that `enlarge` made of it."""
    return (np.asarray(points, np.float64) + 0.5) * scale - 0.5


def draw_skeleton(
    frame: np.ndarray,
    joints: np.ndarray,
    skeleton: Skeleton,
    visibility: np.ndarray | None = None,
    stroke: float = 1.0,
) -> np.ndarray:
    """Draws edges and joints.

    Args:
      frame: uint8 [H, W, 3], is not changed.
      joints: float [J, 2], px; NaN: not drawn.
      skeleton: `Skeleton`.
      visibility: uint8 [J] as in `data.clip`; HIDDEN joints become rings. None: all are discs.
      stroke: factor on the width of strokes.

    Returns:
      uint8 [H, W, 3].

    Raises:
      ValueError: if the joints are not the skeleton's.
    """
    joints = _checked(frame, joints, skeleton)
    canvas = np.ascontiguousarray(frame).copy()
    unit = _unit(frame, stroke)
    width = max(1, round(1.4 * unit))
    rim = max(1, round(0.7 * unit))

    # Draw all rims before all colours, so that crossing edges look joined; then the joints on top.
    edges = [(a, b) for a, b in skeleton.edge_indices() if np.isfinite(joints[[a, b]]).all()]
    for extra, dark in ((2 * rim, True), (0, False)):
        for a, b in edges:
            color = _DARK if dark else _mix(skeleton.colors[a], skeleton.colors[b])
            cv2.line(canvas, _fixed(joints[a]), _fixed(joints[b]), color, width + extra, cv2.LINE_AA, _SHIFT)
    for j, point in enumerate(joints):
        if not np.isfinite(point).all():
            continue
        hidden = visibility is not None and visibility[j] == HIDDEN
        _draw_joint(canvas, point, skeleton.colors[j], hidden, unit)
    return canvas


def draw_truth(
    frame: np.ndarray,
    joints: np.ndarray,
    skeleton: Skeleton,
    predicted: np.ndarray | None = None,
    stroke: float = 1.0,
) -> np.ndarray:
    """Draws true joints as crosses in their colours, each joined to its prediction by a thin line.

    Args:
      frame: uint8 [H, W, 3], is not changed.
      joints: float [J, 2], px; NaN: unlabelled, not drawn.
      skeleton: `Skeleton`.
      predicted: float [J, 2], px, or None for crosses alone.
      stroke: factor on the width of strokes.

    Returns:
      uint8 [H, W, 3].

    Raises:
      ValueError: if the joints are not the skeleton's.
    """
    joints = _checked(frame, joints, skeleton)
    canvas = np.ascontiguousarray(frame).copy()
    unit = _unit(frame, stroke)
    arm = 4.0 * unit
    width = max(1, round(1.3 * unit))
    rim = max(1, round(0.7 * unit))

    # Join each truth to its prediction first, so that the line lies under the cross.
    known = [j for j in range(len(joints)) if np.isfinite(joints[j]).all()]
    if predicted is not None:
        predicted = _checked(frame, predicted, skeleton)
        for j in known:
            if np.isfinite(predicted[j]).all():
                thin = max(1, round(0.6 * unit))
                cv2.line(canvas, _fixed(joints[j]), _fixed(predicted[j]), (255, 255, 255), thin, cv2.LINE_AA, _SHIFT)
    # The two arms of each cross, all rims before all colours.
    for extra, dark in ((2 * rim, True), (0, False)):
        for j in known:
            color = _DARK if dark else skeleton.colors[j]
            for turn in (-1, 1):
                start = joints[j] - (arm, turn * arm)
                end = joints[j] + (arm, turn * arm)
                cv2.line(canvas, _fixed(start), _fixed(end), color, width + extra, cv2.LINE_AA, _SHIFT)
    return canvas


def _draw_joint(canvas, point, color, hidden, unit):
    rim = max(1, round(0.7 * unit))
    center = _fixed(point)
    if hidden:
        ring = max(1, round(1.3 * unit))
        fixed_radius = round(4.4 * unit * 2**_SHIFT)
        cv2.circle(canvas, center, fixed_radius, _DARK, ring + 2 * rim, cv2.LINE_AA, _SHIFT)
        cv2.circle(canvas, center, fixed_radius, color, ring, cv2.LINE_AA, _SHIFT)
    else:
        fixed_radius = round(3.2 * unit * 2**_SHIFT)
        cv2.circle(canvas, center, fixed_radius + (rim << _SHIFT), _DARK, -1, cv2.LINE_AA, _SHIFT)
        cv2.circle(canvas, center, fixed_radius, color, -1, cv2.LINE_AA, _SHIFT)


def _unit(frame, stroke):
    return stroke * max(frame.shape[:2]) / _UNITS_PX


def _fixed(point):
    # Points far outside would overflow OpenCV's integers; a clamped line leaves the picture all the same.
    return tuple(int(round(v * 2**_SHIFT)) for v in np.clip(point, -30000, 30000))


def _mix(a, b):
    return tuple((x + y) // 2 for x, y in zip(a, b))


def _checked(frame, joints, skeleton):
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        raise ValueError(f"expected a frame uint8 [H, W, 3], received {frame.dtype} {list(frame.shape)}")
    joints = np.asarray(joints, np.float64)
    if joints.shape != (skeleton.num_joints, 2):
        raise ValueError(
            f"expected joints [{skeleton.num_joints}, 2] of skeleton {skeleton.name!r}, received {list(joints.shape)}"
        )
    return joints
