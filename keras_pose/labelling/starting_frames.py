"""Chosen frames with their starting labels: the net's joints, or a label nearby carried by flow where that is surer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from keras_pose.labelling import starting_labels
from keras_pose.labelling.suggestions import SuggestedFrame
from keras_pose.media.video import VideoFrames
from keras_pose.poses.video_poses import VideoPoses

SURE = 0.2  # a carried joint counts more than the net's if its confidence is so high


def start(
    poses: VideoPoses,
    rows: Sequence[int],
    worth: np.ndarray,
    ranks: Mapping[str, np.ndarray],
    labels: Mapping[int, np.ndarray],
    around_labels: int,
    flow: str,
) -> list[SuggestedFrame]:
    """Gives the chosen frames of a video, and those around its labels, their starting labels.

    Args:
      poses: the poses of one person in a video.
      rows: rows of the chosen frames in `poses`.
      worth: float32 [N], how much a label of each predicted frame would teach.
      ranks: {name of a sign: float32 [N]} (`frame_scores.rank_signs`).
      labels: {frame: float [J, 2] px, NaN: unlabelled} of the video.
      around_labels: frames before and after each label that are added; 0: none.
      flow: name of the estimator that carries labels.

    Returns:
      The frames, by rising number.

    Raises:
      ValueError: if the video cannot be read.
    """
    carried = _carry(poses, rows, labels, around_labels, flow)
    nearby = np.flatnonzero(np.isin(poses.frames, list(carried))).tolist()
    confidences = poses.confidences if poses.calibration else poses.scores
    frames = []
    for row in sorted({*rows, *nearby}):
        number = int(poses.frames[row])
        joints = poses.joints[row, 0].copy()
        sure = np.nan_to_num(confidences[row, 0], nan=0.0).copy()
        points, trusted = carried.get(number, (joints, np.zeros(len(joints), np.float32)))
        better = (trusted >= SURE) & np.isfinite(points).all(-1)
        joints[better] = points[better]
        sure[better] = trusted[better]
        signs = {name: float(values[row]) for name, values in ranks.items()}
        time_s = float(poses.times_s[row])
        frames.append(SuggestedFrame(poses.video.name, number, time_s, float(worth[row]), signs, joints, sure, better))
    return frames


def _carry(poses, rows, labels, around_labels, flow):
    """{frame: (joints, confidences)} of frames around the labels of a video that are not chosen anyway."""
    if not around_labels or not labels:
        return {}
    taken = set(labels) | {int(poses.frames[row]) for row in rows}
    decoded = set(poses.frames[poses.decoded].tolist())
    steps = [step for step in range(-around_labels, around_labels + 1) if step]
    targets = sorted({number + step for number in labels for step in steps} & decoded - taken)
    video = VideoFrames(poses.video.path)
    try:
        carrier = starting_labels.LabelCarrier(flow)
        return starting_labels.carry_to(video.read, labels, targets, around_labels, carrier)
    finally:
        video.close()
