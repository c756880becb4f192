"""Makes poses of what is decoded from maps: px of the frame, calibrated confidences, joints with two answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_pose.confidence.ambiguity import is_ambiguous
from keras_pose.inference.engine import View
from keras_pose.inference.pose_model import FramePose


def make_pose(number: int, view: View, decoded: np.ndarray, calibration: Any = None) -> FramePose:
    """Makes the pose of a frame.

    Args:
      number: number of the frame.
      view: what the net saw of it.
      decoded: float32 [J, 3] or [J, 6], of `FrameGraphs.decode` or `decode_modes`.
      calibration: `Calibration` of the model; None: its scores are not calibrated.
    """
    joints = view.to_frame(decoded[:, :2])
    scores = decoded[:, 2]
    ambiguous = None
    if decoded.shape[1] > 3:
        ambiguous = is_ambiguous(joints, scores, view.to_frame(decoded[:, 3:5]), decoded[:, 5], view.side_px)
    if calibration is None:
        return FramePose(number, joints, scores, ambiguous=ambiguous)
    return FramePose(
        number,
        joints,
        scores,
        confidences=calibration.probabilities(scores),
        expected_errors_px=calibration.expected_errors(scores) * np.float32(view.side_px),
        ambiguous=ambiguous,
    )
