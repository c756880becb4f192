"""From what a teacher says to labels: which joints are kept, and the weight of each.

A calibrated probability is the share of such joints that are right, and a score of 0 to 1 stands in for it. The weight
of a label is that number times the agreement with its neighbours: in a loss that is a weighted mean, a joint that is
right half the time pulls half as hard. A joint is not labelled if

- it was not found, or lies outside the frame;
- its confidence is below the least one;
- most reliable neighbours contradict it (agreement below ½).

Letters in shapes: N frames, J joints.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_pose.annotating.agreement import UNKNOWN
from keras_pose.poses.video_poses import VideoPoses


@dataclasses.dataclass(frozen=True, eq=False)
class VideoLabels:
    """The labels of a video, with all that the teacher said.

    Args:
      frames: int32 [N], number of each frame.
      joints: float32 [N, J, 2], px; NaN: not found.
      scores: float32 [N, J]; NaN: the teacher gives none.
      confidences: float32 [N, J], 0 to 1.
      agreement: float32 [N, J], 0 to 1.
      weights: float32 [N, J]; 0: not labelled.
    """

    frames: np.ndarray
    joints: np.ndarray
    scores: np.ndarray
    confidences: np.ndarray
    agreement: np.ndarray
    weights: np.ndarray


def confidences_of(poses: VideoPoses, places: Sequence[int]) -> np.ndarray:
    """Returns float32 [N, J]: how sure the teacher is of some joints of the first person, 0 to 1.

    The probability if it is calibrated, otherwise the score; 1 for a net that has neither (a coordinate net), 0 for
    joints that were not found.

    Args:
      poses: what the teacher found.
      places: positions of the J joints among the teacher's.
    """
    joints = poses.joints[:, 0, places]
    values = (poses.scores if poses.calibration is None else poses.confidences)[:, 0, places]
    there = np.isfinite(joints).all(-1) & poses.decoded[:, None]
    values = np.where(np.isfinite(values), np.clip(values, 0, 1), 1)
    return np.where(there, values, 0).astype(np.float32)


def inside_frame(joints: np.ndarray, size_hw: Sequence[int]) -> np.ndarray:
    """Returns bool [N, J]: whether joints, float [N, J, 2] in px, lie in the frame."""
    return ((joints >= -0.5) & (joints <= np.array(size_hw[::-1]) - 0.5)).all(-1)


def weigh(candidates: np.ndarray, confidences: np.ndarray, agreement: np.ndarray) -> np.ndarray:
    """Returns float32 [N, J], the weight of each label, 0: not labelled.

    Args:
      candidates: bool [N, J], joints that are in the frame and confident enough.
      confidences, agreement: float32 [N, J], 0 to 1.
    """
    kept = candidates & (agreement >= UNKNOWN) & (confidences > 0)
    return np.where(kept, confidences * agreement, 0).astype(np.float32)


def measure_quality(labels: VideoLabels, candidates: np.ndarray) -> dict[str, Any]:
    """Counts joints at each stage.

    Args:
      labels: the labels of a video.
      candidates: as `weigh`.

    Returns:
      {"frames", "labelled_frames", "joints" (N·J), "confident", "kept", "confident_per_joint", "kept_per_joint",
      "mean_weight"}, ready for JSON.
    """
    kept = labels.weights > 0
    return {
        "frames": len(labels.frames),
        "labelled_frames": int(kept.any(1).sum()),
        "joints": int(kept.size),
        "confident": int(candidates.sum()),
        "kept": int(kept.sum()),
        "confident_per_joint": candidates.sum(0).tolist(),
        "kept_per_joint": kept.sum(0).tolist(),
        "mean_weight": round(float(labels.weights[kept].mean()), 4) if kept.any() else 0.0,
    }


def reason_to_leave_out(quality: dict[str, Any], min_kept: float, min_agreeing: float) -> str:
    """Returns why a video is left out, as text; empty if it is not.

    Args:
      quality: what `measure_quality` returned.
      min_kept: least part of all joints that must be labelled.
      min_agreeing: least part of the confident joints that must agree with their neighbours.
    """
    total, confident, kept = quality["joints"], quality["confident"], quality["kept"]
    if not total:
        return "it has no frames to label"
    if not kept or kept < min_kept * total:
        return (
            f"only {100 * kept / total:.0f} % of its joints are labelled ({100 * confident / total:.0f} % are "
            f"confident enough), expected at least {100 * min_kept:.0f} % (--min_kept)"
        )
    if kept < min_agreeing * confident:
        return (
            f"only {100 * kept / confident:.0f} % of its confident joints agree with their neighbours, expected at "
            f"least {100 * min_agreeing:.0f} % (--min_agreeing)"
        )
    return ""
