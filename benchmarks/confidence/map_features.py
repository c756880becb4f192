"""What the heatmap of a joint says beside its height: a second mode, and how wide the peak is.

Letters in shapes: N frames, J joints, h w heatmap, S labelled joints.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy import optimize, stats

from keras_pose import geometry
from keras_pose.confidence.ambiguity import is_ambiguous
from keras_pose.confidence.calibration import logit
from keras_pose.data.clip import Clip
from keras_pose.inference.predictor import Predictor
from keras_pose.models.pose_net import PoseNet

_RADIUS_PX = 6.0  # heatmap px around the peak that its width is measured in
_CHUNK = 32  # frames at a time
_RIDGE = 0.1


@dataclasses.dataclass(frozen=True)
class MapFeatures:
    """Labelled joints of a net for single frames.

    Args:
      scores: float64 [N, J], heights.
      errors: float64 [N, J], fractions of the longer side of the frame; NaN: unlabelled.
      widths: float64 [N, J], second moment of the map around the peak, in heatmap px².
      ambiguous: bool [N, J].
      clips: int [N], the clip of each frame.
    """

    scores: np.ndarray
    errors: np.ndarray
    widths: np.ndarray
    ambiguous: np.ndarray
    clips: np.ndarray


def measure(predictor: Predictor, net: PoseNet, clips: Sequence[Clip]) -> MapFeatures:
    """Runs the net on the labelled frames of clips.

    Args:
      predictor: of a heatmap net for single frames.
      net: the net.
      clips: clips with labels.
    """
    rows = [
        _measure_frames(predictor, net, clip, range(start, min(start + _CHUNK, clip.num_labelled)))
        for clip in clips
        for start in range(0, clip.num_labelled, _CHUNK)
    ]
    of_frames = [i for i, clip in enumerate(clips) for _ in range(clip.num_labelled)]
    scores, errors, widths, ambiguous = (np.concatenate(parts) for parts in zip(*rows))
    return MapFeatures(scores, errors, widths, ambiguous, np.array(of_frames))


def _measure_frames(predictor, net, clip, rows):
    frames = np.concatenate([clip.read_window(row) for row in rows])
    joints, scores = predictor.predict(frames)
    side_px = max(frames.shape[1:3])
    modes, heights = predictor.predict_modes(frames, max_modes=2)
    ambiguous = is_ambiguous(modes[:, :, 0], heights[..., 0], modes[:, :, 1], heights[..., 1], side_px)
    crop = geometry.CropTransform.fit(frames.shape[1:3], predictor.input_size_hw)
    fitted = np.stack([crop.warp(frame) for frame in frames]).astype(np.float32)
    maps = net.model(fitted, training=False)[net.main_output()].numpy()
    widths = second_moments(maps, crop.to_heatmap(joints, net.heatmap_stride()))
    errors = np.linalg.norm(joints - clip.joints[list(rows)], axis=-1) / side_px
    return scores, errors, widths, ambiguous


def second_moments(maps: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Returns the second moment of each map around its peak, within `_RADIUS_PX`; negative heights count as 0.

    Args:
      maps: float32 [N, h, w, J].
      points: float32 [N, J, 2], (x, y) of the peaks in heatmap px.

    Returns:
      float64 [N, J], heatmap px²; 0 for a map without positive heights there.
    """
    y, x = np.mgrid[: maps.shape[1], : maps.shape[2]]
    squares = (x[None, ..., None] - points[:, None, None, :, 0]) ** 2 + (
        y[None, ..., None] - points[:, None, None, :, 1]
    ) ** 2
    heights = np.maximum(maps, 0) * (squares < _RADIUS_PX**2)
    total = heights.sum((1, 2), dtype=np.float64)
    return (heights * squares).sum((1, 2)) / np.maximum(total, 1e-9)


def separation(uncertainty: np.ndarray, is_far: np.ndarray) -> float:
    """Returns the area under the ROC curve: the probability that a joint beyond the distance is the more uncertain one.

    Args:
      uncertainty: float [S].
      is_far: bool [S].
    """
    ranks = stats.rankdata(uncertainty)
    far = int(is_far.sum())
    return float((ranks[is_far].sum() - far * (far + 1) / 2) / max(far * (len(is_far) - far), 1))


def predict_far(fitted: MapFeatures, judged: MapFeatures, distance: float, with_width: bool) -> np.ndarray:
    """Fits a logistic regression to some joints, and returns for others how likely each lies beyond a distance.

    Args:
      fitted: joints to fit to.
      judged: joints to judge.
      distance: fraction of the longer side of the frame.
      with_width: whether the width of the peak counts beside its height.

    Returns:
      float64 [S], logits, for the labelled joints of `judged`, frame by frame.
    """
    x = _design(fitted, with_width)
    labelled = np.isfinite(fitted.errors)
    y = (fitted.errors[labelled] > distance).astype(np.float64)

    def loss(weights):
        logits = x @ weights
        value = (np.logaddexp(0, logits) - y * logits).sum() + 0.5 * _RIDGE * weights @ weights
        return value, x.T @ (0.5 * (1 + np.tanh(0.5 * logits)) - y) + _RIDGE * weights

    found = optimize.minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B")
    return _design(judged, with_width) @ found.x


def _design(features, with_width):
    """One column for each joint, one for the height, and one for the width."""
    rows, columns = np.nonzero(np.isfinite(features.errors))
    parts = [np.eye(features.errors.shape[1])[columns], logit(features.scores[rows, columns])[:, None]]
    if with_width:
        parts.append(np.log(features.widths[rows, columns] + 1e-3)[:, None])
    return np.concatenate(parts, axis=1)
