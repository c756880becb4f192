"""How long the errors of a net last: the share of the frames around a wrong wrist that are wrong too.

A wrist is wrong if it is further from its label than `WRONG` of the frame's longer side. The frames around it are its
neighbours within `REACH` frames that have a label; wrists nearer to an end of the clip than that do not count.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from benchmarks.motion.wrists import REACH
from keras_pose.data.clip import UNLABELLED, Clip
from keras_pose.inference.pose_model import PoseModel

WRONG = 0.05
_RESAMPLES = 1000
WRISTS = ("right_wrist", "left_wrist")


@dataclasses.dataclass(frozen=True)
class Persistence:
    """What `measure` found.

    Args:
      errors: number of wrong wrists that have whole windows.
      wrong: share of all labelled wrists that are wrong.
      lasting: mean share of the frames around a wrong wrist that are wrong too.
      low, high: 95 % interval of `lasting`, groups drawn with replacement.
      brief: share of the wrong wrists with more right than wrong frames around them.
    """

    errors: int
    wrong: float
    lasting: float
    low: float
    high: float
    brief: float


def find_wrong(model: PoseModel, clip: Clip, joints: Sequence[str]) -> list[np.ndarray]:
    """Predicts a clip; returns float64 [T] for each wrist: 1 wrong, 0 right, NaN without a label.

    Args:
      model: what predicts; it must have both wrists.
      clip: clip whose frames are all read.
      joints: names of the joints of the clip's labels.
    """
    num_frames = clip.frames.num_frames or 0  # of a video, so there is a number
    found = model.predict(clip.frames.read(range(num_frames))).joints
    names = list(model.skeleton.joints)
    far_px = WRONG * max(clip.frames.size_hw)
    tracks = []
    for wrist in WRISTS:
        column = list(joints).index(wrist)
        track = np.full(num_frames, np.nan)
        distance = np.linalg.norm(found[clip.labelled, names.index(wrist)] - clip.joints[:, column], axis=-1)
        track[clip.labelled] = np.where(clip.visibility[:, column] == UNLABELLED, np.nan, distance > far_px)
        tracks.append(track)
    return tracks


def measure(tracks: Sequence[np.ndarray], groups: Sequence[str]) -> Persistence:
    """Measures how long errors last.

    Args:
      tracks: from `find_wrong`, one for each wrist.
      groups: the group of each track, such as its film.

    Raises:
      ValueError: if no wrong wrist has a whole window.
    """
    shares = [_shares_around(track) for track in tracks]
    joined = np.concatenate(shares)
    if not len(joined):
        raise ValueError(f"expected wrong wrists with {REACH} frames on both sides, found none: use more clips")
    names = sorted(set(groups))
    sums = np.array([[sum(v.sum() for v, g in zip(shares, groups) if g == name) for name in names]])[0]
    counts = np.array([sum(len(v) for v, g in zip(shares, groups) if g == name) for name in names])
    drawn = np.random.default_rng(0).integers(0, len(names), (_RESAMPLES, len(names)))
    total = counts[drawn].sum(1)
    low, high = np.percentile((sums[drawn].sum(1) / np.maximum(total, 1))[total > 0], (2.5, 97.5))
    wrong = float(np.nanmean(np.concatenate(tracks)))
    brief = float((joined < 0.5).mean())
    return Persistence(len(joined), wrong, float(joined.mean()), float(low), float(high), brief)


def _shares_around(track):
    """Returns the share of wrong frames around each wrong one, float64 [errors]."""
    shares = []
    for middle in range(REACH, len(track) - REACH):
        around = np.delete(track[middle - REACH : middle + REACH + 1], REACH)
        around = around[~np.isnan(around)]
        if track[middle] == 1 and len(around):
            shares.append(around.mean())
    return np.array(shares)
