"""Joints a few frames ahead of the last frame, to hide the time that prediction and display take.

Each joint is moved on as it moved last: by the dense optical flow between the last two frames around it, by the change
of its predicted position, or by the mean of the two. Movements do not last: each further frame makes 3/4 of
the movement of the one before. Letters in shapes: J joints, H W a frame.
"""

from __future__ import annotations

import cv2
import numpy as np

from keras_pose.flow import estimators, opencv

FLOW = "flow"
VELOCITY = "velocity"
MEAN = "mean"
METHODS = (FLOW, VELOCITY, MEAN)
_FLOW = "dis_medium"  # twice the gain of the fast one on synthetic signers
_SIDE_PX = 192  # longer side of the frames that flow is estimated on
_REACH_PX = 4  # px of those frames around a joint whose flow counts
_KEPT = 0.75  # of the movement in the next frame; chosen on validation clips of synthetic signers
_MOST_SHARE = 0.25  # of the longer side; no joint is moved further


class LookAhead:
    """Moves the joints of one person on.

    Args:
      frames: how many frames to look ahead; 0 leaves joints where they are.
      method: one of `METHODS`.
      gain: share of the expected movement that is made: 1 trusts it fully, less keeps closer to what was seen.

    Raises:
      ValueError: for another method, or fewer than 0 frames.
    """

    def __init__(self, frames: int, method: str = FLOW, gain: float = 1.0) -> None:
        if method not in METHODS:
            raise ValueError(f"method: expected one of {', '.join(METHODS)}, received {method!r}")
        if frames < 0:
            raise ValueError(f"look_ahead: expected 0 frames or more, received {frames}")
        self._frames = frames
        self._steps = sum(_KEPT**i for i in range(frames))  # movements of one frame that are made
        self._method = method
        self._gain = gain
        self._estimate = estimators.open_estimator(_FLOW) if method != VELOCITY else None
        self._last: tuple[int, np.ndarray, np.ndarray] | None = None  # number, grey frame, joints

    def restart(self) -> None:
        """Forgets the last frame: the next one is of another scene."""
        self._last = None

    def extrapolate(self, number: int, frame: np.ndarray, joints: np.ndarray) -> np.ndarray:
        """Returns where the joints of a frame will be.

        Args:
          number: the number of the frame, which rises; the movement since the last frame is shared out among the
            frames between.
          frame: uint8 [H, W, 3], RGB.
          joints: float [J, 2], px of the frame; NaN stays NaN.

        Returns:
          float32 [J, 2]; the joints themselves in the first frame.
        """
        joints = np.asarray(joints, np.float32)
        if not self._frames:
            return joints
        grey, scale = _shrink(frame) if self._estimate else (np.zeros((0, 0), np.uint8), 1.0)
        last = self._last
        self._last = (number, grey, joints)
        if last is None or number <= last[0] or last[1].shape != grey.shape:
            return joints
        moved = self._displacements(grey, scale, joints, *last[1:])
        ahead = moved * (self._gain * self._steps / (number - last[0]))
        limit = _MOST_SHARE * max(frame.shape[:2])
        length = np.linalg.norm(ahead, axis=-1, keepdims=True)
        return (joints + ahead * np.minimum(1, limit / np.maximum(length, 1e-6))).astype(np.float32)

    def _displacements(self, grey, scale, joints, last_grey, last_joints):
        """float [J, 2], px of the frame: how the joints moved between the last two frames."""
        by_joints = np.where(np.isfinite(last_joints), joints - last_joints, 0)
        if self._estimate is None:
            return by_joints
        by_flow = _flow_at(self._estimate(grey, last_grey), joints, scale)
        if self._method == FLOW:
            return by_flow
        return (by_joints + by_flow) / 2


def _shrink(frame):
    """The grey frame at the size that flow is estimated on, and its px per px of the frame."""
    grey = opencv.to_grey(frame)
    scale = min(1.0, _SIDE_PX / max(grey.shape))
    size = (max(16, round(grey.shape[1] * scale)), max(16, round(grey.shape[0] * scale)))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA), scale


def _flow_at(backwards, joints, scale):
    """Movements at joints, px of the frame: the median of the flow around each; 0 where there is no joint."""
    height, width = backwards.shape[:2]
    moved = np.zeros((len(joints), 2), np.float64)
    for j, point in enumerate(joints):
        if not np.isfinite(point).all():
            continue
        x, y = np.round((point + 0.5) * scale - 0.5).astype(int)
        x = int(np.clip(x, 0, width - 1))
        y = int(np.clip(y, 0, height - 1))
        near = backwards[max(0, y - _REACH_PX) : y + _REACH_PX + 1, max(0, x - _REACH_PX) : x + _REACH_PX + 1]
        moved[j] = -np.median(near.reshape(-1, 2), axis=0) / scale
    return moved
