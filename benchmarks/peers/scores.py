"""Scores the tables that drivers write with this project's metrics."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from keras_pose.data.clip import Clip
from keras_pose.evaluation.bootstrap import intervals
from keras_pose.evaluation.measures import build_measures, pooled_means
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.poses import formats
from keras_pose.skeleton import Skeleton

METRIC = "mean_error_px"


def read_predictions(folder: str, clips: Sequence[Clip], skeleton: Skeleton) -> list[ClipPredictions]:
    """Reads the tables of clips, one `<clip>.csv` each.

    Args:
      folder: folder of the tables.
      clips: clips with their labels.
      skeleton: their joints.

    Raises:
      ValueError: if a table has other joints or frames than the labels, or a joint without a position.
    """
    return [_read_clip(os.path.join(folder, f"{clip.name}.csv"), clip, skeleton) for clip in clips if clip.num_labelled]


def _read_clip(path, clip, skeleton):
    poses = formats.read(path)
    if poses.skeleton.joints != skeleton.joints:
        raise ValueError(f"{path}: expected {', '.join(skeleton.joints)}, received {', '.join(poses.skeleton.joints)}")
    if poses.frames.tolist() != clip.labelled.tolist():
        raise ValueError(f"{path}: expected frames {clip.labelled.tolist()}, received {poses.frames.tolist()}")
    joints = poses.joints[:, 0]
    missing = np.argwhere(~np.isfinite(joints).all(-1))
    if len(missing):
        frame, joint = missing[0]
        raise ValueError(f"{path}: frame {poses.frames[frame]}: no position for {skeleton.joints[joint]}")
    scores = np.where(np.isfinite(poses.scores[:, 0]), poses.scores[:, 0], poses.confidences[:, 0])
    return ClipPredictions.of_clip(clip, joints, scores)


def score(predicted: Sequence[ClipPredictions], skeleton: Skeleton) -> tuple[float, float, float]:
    """Returns the mean error in px of the frame, and its 95 % bootstrap interval."""
    measures = build_measures(predicted, skeleton)
    low, high = intervals(measures, {})[METRIC]
    means = pooled_means(*measures.weighted(np.ones((1, measures.num_rows))))
    return float(means[0, measures.keys.index(METRIC)]), float(low), float(high)
