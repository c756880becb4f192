"""Which errors pooling repairs and which it makes: accuracy of single frames and of pooled maps by kind of joint.

A joint may be of several kinds. Those that labels decide:
- hidden: the label says so;
- fast: the label moves by more than `FAST` of the frame's longer side a frame. Measured over the labelled frames up to
  `_SPEED_REACH` away on both sides, since labels of some data sets stay the same for several frames;
and those that the prediction from the frame alone decides:
- right: it is within the tolerance, so pooling can only keep or break it;
- swap, mode: it is wrong because left and right are confused, or another maximum of the map would have been right
  (`error_kinds`);
- persistent, momentary: it is wrong, and so it is in more than half of the labelled frames around it within the window,
  or in at most half of them: neighbours can repair momentary errors only.

Letters in shapes: N frames, J joints, K kinds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose.data.clip import HIDDEN
from keras_pose.evaluation import bootstrap, error_kinds
from keras_pose.evaluation.beside_frame import BesideFrame
from keras_pose.evaluation.measures import Measures, gather, group_means, joint_groups, pooled_means
from keras_pose.skeleton import Skeleton

ALL = "all"
# Name of a kind: what the page says about it.
KINDS = {
    ALL: "all labelled joints",
    "hidden": "hidden joint, says the label",
    "fast": "fast joint, says the label",
    "right": "right in the frame alone",
    "swap": "left and right swapped in the frame alone",
    "mode": "wrong mode in the frame alone",
    "momentary": "wrong in the frame alone, mostly right around it",
    "persistent": "wrong in the frame alone, mostly wrong around it",
}
TOLERANCE = 0.05  # of the frame's longer side
FAST = 0.01  # of the frame's longer side, a frame
_SPEED_REACH = 3  # frames
_LEAST_NEIGHBOURS = 2  # labelled frames of the window, to call an error persistent or momentary


def find_kinds(of: BesideFrame, skeleton: Skeleton, reach: int) -> dict[str, np.ndarray]:
    """Finds the kinds of each labelled joint.

    Args:
      of: predictions of a clip whose size is known.
      skeleton: its skeleton.
      reach: frames from the middle of a window to its ends.

    Returns:
      {name in KINDS: bool [N, J]}.

    Raises:
      ValueError: if the clip does not know the size of its frames.
    """
    single = of.single
    tolerance = tolerance_px(single)
    kinds = error_kinds.classify(
        single.predicted, single.truth, single.visibility, tolerance, skeleton, of.modes, of.mode_heights
    )
    labelled = kinds != error_kinds.NO_LABEL
    wrong = kinds > error_kinds.RIGHT
    share = share_wrong(single.frames, wrong, labelled, reach)
    speed = speeds_px(single.frames, single.truth)
    fast = FAST / TOLERANCE * tolerance
    return {
        ALL: labelled,
        "hidden": single.visibility == HIDDEN,
        "fast": np.nan_to_num(speed, nan=0.0) > fast,
        "right": kinds == error_kinds.RIGHT,
        "swap": kinds == error_kinds.SWAP,
        "mode": kinds == error_kinds.MODE,
        "momentary": wrong & (np.nan_to_num(share, nan=1.0) <= 0.5),
        "persistent": wrong & (np.nan_to_num(share, nan=0.0) > 0.5),
    }


def tolerance_px(clip: Any) -> float:
    """Returns the distance at which a joint of `ClipPredictions` is right, px of the frame.

    Raises:
      ValueError: if the clip does not know the size of its frames.
    """
    if clip.size_hw is None:
        raise ValueError(f"clip {clip.name}: expected a known size of its frames, which the tolerance is a part of")
    return TOLERANCE * max(clip.size_hw)


def speeds_px(frames: np.ndarray, truth: np.ndarray, reach: int = _SPEED_REACH) -> np.ndarray:
    """Measures how fast labels move.

    Args:
      frames: int [N], rising positions.
      truth: float [N, J, 2], px; NaN: unlabelled.
      reach: labels at most this many frames away count.

    Returns:
      float64 [N, J], px a frame between the first and the last label within reach; NaN if there is but one.
    """
    speeds = np.full(truth.shape[:2], np.nan)
    known = np.isfinite(truth).all(-1)
    for row, joint in np.argwhere(known):
        near = np.flatnonzero(known[:, joint] & (np.abs(frames - frames[row]) <= reach))
        first, last = near[0], near[-1]
        if last > first:
            way = np.linalg.norm(truth[last, joint].astype(np.float64) - truth[first, joint])
            speeds[row, joint] = way / (frames[last] - frames[first])
    return speeds


def share_wrong(frames: np.ndarray, wrong: np.ndarray, labelled: np.ndarray, reach: int) -> np.ndarray:
    """Returns float64 [N, J]: the share of wrong joints among the other labelled frames of each window.

    Args:
      frames: int [N], rising positions.
      wrong, labelled: bool [N, J].
      reach: frames from the middle of a window to its ends.

    Returns:
      NaN if fewer than two other frames of the window are labelled.
    """
    near = (np.abs(frames[:, None] - frames) <= reach) & ~np.eye(len(frames), dtype=bool)
    counts = near.astype(np.float64) @ labelled
    shares = near.astype(np.float64) @ (wrong & labelled)
    return np.where(counts >= _LEAST_NEIGHBOURS, shares / np.maximum(counts, 1), np.nan)


def gain_by_kind(
    predicted: Sequence[BesideFrame],
    skeleton: Skeleton,
    reach: int,
    resamples: int = bootstrap.RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Measures what pooling gains for each kind of joint, and for each group of joints.

    Args:
      predicted: predictions of at least one clip.
      skeleton: their skeleton.
      reach: frames from the middle of a window to its ends.
      resamples: bootstrap resamples, at least 1000.
      seed: seed of the bootstrap.

    Returns:
      Dictionary ready for JSON: "unit" (what the intervals resample), "kinds" and "groups", {name: {"num_labelled",
      "single", "pooled", "gain", "interval"}}: accuracies as fractions, None without such joints.
    """
    tables = [_table(of, find_kinds(of, skeleton, reach)) for of in predicted]
    keys = [f"{kind}/{which}" for kind in KINDS for which in ("single", "pooled")]
    found = gather([of.pooled for of in predicted], keys, tables)
    groups = joint_groups(skeleton)
    # Draw once for all kinds and groups.
    draws = list(bootstrap.resampled(found, resamples, seed)) if found.num_rows else []
    everything = range(skeleton.num_joints)
    return {
        "unit": found.unit,
        "kinds": {kind: _figures(found, draws, k, everything, pooled=True) for k, kind in enumerate(KINDS)},
        "groups": {name: _figures(found, draws, 0, members) for name, members in groups.items()},
    }


def _table(of: BesideFrame, kinds: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns float64 [N, 2K, J]: whether the single frame and the pooled map are right; NaN for other joints."""
    tolerance = tolerance_px(of.single)
    right = [(clip.errors_px() <= tolerance).astype(np.float64) for clip in (of.single, of.pooled)]
    return np.stack([np.where(chosen, values, np.nan) for chosen in kinds.values() for values in right], axis=1)


def _figures(found: Measures, draws, kind, joints, pooled=False):
    """Figures of the kind at this place in KINDS."""
    columns = [2 * kind, 2 * kind + 1]
    members = list(joints)

    def means(sums, counts):
        values = pooled_means(sums, counts) if pooled else group_means(sums, counts, members)
        return values[:, columns]

    count = int(found.counts[:, columns[0]][:, members].sum())
    if not count:
        return {"num_labelled": 0, "single": None, "pooled": None, "gain": None, "interval": None}
    single, after = means(*found.weighted(np.ones((1, found.num_rows))))[0]
    drawn = np.concatenate([means(*each) for each in draws])
    interval = bootstrap.limits((drawn[:, 1] - drawn[:, 0])[:, None], bootstrap.LEVEL)[0]
    return {
        "num_labelled": count,
        "single": float(single),
        "pooled": float(after),
        "gain": float(after - single),
        "interval": interval,
    }
