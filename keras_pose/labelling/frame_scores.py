"""How much a label of each frame would teach the net that predicted a video.

Four signs say that a prediction may be wrong; none of them needs a label:

- `unsure`: low calibrated confidence; low scores if the model has no calibration.
- `ambiguous`: joints whose heatmap has a second mode, nearly as high and elsewhere.
- `jumps`: joints far from the line between their positions before and after, compared with the usual distance of that
  joint in its video (a fast stroke is smooth; a jump there and back is not).
- `neighbours`: joints that optical flow moves to the next frame, far from the joints predicted there (`frame_looks`).

They have different units, so they are combined as ranks: `combine` replaces each sign by the share of all frames of all
videos in which it is smaller, and averages the signs. There is no weight to tune, and a sign that is the same
everywhere, or unknown, says nothing.

Letters in shapes: N frames of a video, P people, J joints.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import stats

from keras_pose.poses.video_poses import VideoPoses

UNSURE = "unsure"
AMBIGUOUS = "ambiguous"
JUMPS = "jumps"
NEIGHBOURS = "neighbours"
# What each sign means, for people.
REASONS = {
    UNSURE: "low confidence",
    AMBIGUOUS: "two candidates for a joint",
    JUMPS: "a joint jumps",
    NEIGHBOURS: "neighbouring frames disagree",
}
_FLOOR = 0.005  # of the frame's longer side: a joint that hardly moves has no jumps of a fraction of a px


@dataclasses.dataclass(frozen=True, eq=False)
class FrameScores:
    """The signs of the frames of one video.

    Args:
      frames: int64 [N], rising numbers of the frames.
      usable: bool [N], whether a frame can be labelled: it was decoded.
      signs: {name: float32 [N], larger: more worth a label; NaN: unknown}, the keys of `REASONS`.
    """

    frames: np.ndarray
    usable: np.ndarray
    signs: Mapping[str, np.ndarray]


def score_frames(poses: VideoPoses, disagreement: np.ndarray | None = None) -> FrameScores:
    """Computes the signs of the frames of a video.

    Args:
      poses: the poses of the video.
      disagreement: float32 [N], of `frame_looks.look_at`; None: unknown.

    Returns:
      `FrameScores`; with several people, of the one for whom a sign is the largest.
    """
    unknown = np.full(poses.num_frames, np.nan, np.float32)
    known = np.isfinite(poses.joints).all(-1)
    confidences = poses.confidences if np.isfinite(poses.confidences).any() else poses.scores
    has_maps = np.isfinite(confidences).any()
    signs = {
        UNSURE: _of_worst_person(1 - confidences, known) if has_maps else unknown,
        AMBIGUOUS: _of_worst_person(poses.ambiguous.astype(np.float32), known),
        JUMPS: _of_worst_person(find_jumps(poses.joints, poses.frames, max(poses.video.size_hw)), known),
        NEIGHBOURS: unknown if disagreement is None else np.asarray(disagreement, np.float32),
    }
    return FrameScores(poses.frames, poses.decoded & known.any((1, 2)), signs)


def find_jumps(joints: np.ndarray, frames: np.ndarray, side_px: float) -> np.ndarray:
    """Measures how far joints jump.

    The distance from the line between the positions in the rows before and after is divided by its median over the
    video, joint by joint; the logarithm of 1 + this keeps one wild joint from outweighing all others.

    Args:
      joints: float32 [N, P, J, 2], px; NaN: not there.
      frames: int64 [N], the numbers of the frames.
      side_px: the longer side of the frame.

    Returns:
      float32 [N, P, J], 0: none; NaN at the ends and beside gaps.
    """
    jumps = np.full(joints.shape[:3], np.nan, np.float32)
    if len(frames) < 3:
        return jumps
    before = np.diff(frames)[:-1].astype(np.float32)
    after = np.diff(frames)[1:].astype(np.float32)
    share = (before / (before + after))[:, None, None, None]
    expected = (1 - share) * joints[:-2] + share * joints[2:]
    distance = np.linalg.norm(joints[1:-1] - expected, axis=-1)
    usual = np.full(distance.shape[1:], 0.0, np.float32)
    seen = np.isfinite(distance).any(0)
    usual[seen] = np.nanmedian(distance[:, seen], axis=0)
    jumps[1:-1] = np.log1p(distance / (usual + _FLOOR * side_px))
    return jumps


def combine(scores: Sequence[FrameScores], signs: Sequence[str] = tuple(REASONS)) -> list[np.ndarray]:
    """Combines the signs of several videos.

    Args:
      scores: of each video.
      signs: the signs to use.

    Returns:
      For each video float32 [N], 0 to 1: the mean rank of the signs among all usable frames; 0 for other frames.
    """
    ranks = rank_signs(scores)
    results = []
    for video, table in zip(scores, ranks):
        known = [table[name] for name in signs if name in table]
        total = np.mean(known, axis=0) if known else np.zeros(len(video.frames))
        results.append(np.where(video.usable, total, 0).astype(np.float32))
    return results


def rank_signs(scores: Sequence[FrameScores]) -> list[dict[str, np.ndarray]]:
    """Replaces each sign by its rank among the usable frames of all videos.

    Returns:
      For each video {name: float32 [N], 0 to 1}, only signs that tell frames apart; unknown: the middle, 0.5.
    """
    ranks: list[dict[str, np.ndarray]] = [{} for _ in scores]
    for name in REASONS:
        values = np.concatenate([np.where(v.usable, v.signs[name], np.nan) for v in scores] or [np.zeros(0)])
        known = np.isfinite(values)
        if not known.any() or np.ptp(values[known]) == 0:
            continue
        shares = np.full(len(values), 0.5, np.float32)
        shares[known] = (stats.rankdata(values[known]) - 0.5) / known.sum()
        ends = np.cumsum([len(v.frames) for v in scores])
        for table, part in zip(ranks, np.split(shares, ends[:-1])):
            table[name] = part
    return ranks


def _of_worst_person(values, known):
    """float [N, P, J] -> float32 [N]: the mean over the joints that are there, of the person with the largest."""
    usable = known & np.isfinite(values)
    total = np.where(usable, values, 0).sum(-1)
    count = usable.sum(-1)
    means = np.where(count > 0, total / np.maximum(count, 1), -np.inf)
    worst = means.max(-1)
    return np.where(np.isfinite(worst), worst, np.nan).astype(np.float32)
