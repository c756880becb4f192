"""Chooses the frames to label: hard ones, of all videos, that differ from each other and from what is labelled.

The hardest frames alone are often one hard scene over and over. The most different frames alone are often blurred or
empty. So frames are taken one after the other, each time the one with the largest product of its score
(`frame_scores.combine`) and its distance to the nearest frame that is taken or labelled already: greedy farthest points
(Gonzalez 1985; core-sets: Sener and Savarese 2018), weighted by the score. A distance compares pictures (thumbnails)
and predicted poses alike.

Letters in shapes: N frames of all videos together, D numbers that describe a frame.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

SCORES = "scores"
DIVERSITY = "diversity"
BOTH = "both"
WAYS = (BOTH, SCORES, DIVERSITY)
_MOST_CANDIDATES = 20_000
_SHARE_OF_VIDEOS = 2  # a video gets at most so many times its equal share, while others have frames left


@dataclasses.dataclass(frozen=True, eq=False)
class Candidates:
    """The frames of all videos.

    Args:
      videos: int64 [N], which video, from 0.
      frames: int64 [N], the number of the frame in its video.
      scores: float32 [N], 0 to 1: how much a label would teach.
      looks: float32 [N, D], what the frame looks like (`describe`).
      usable: bool [N], whether it may be chosen.
      labelled: bool [N], whether it is labelled already; such frames are never chosen, but others keep away from them.
    """

    videos: np.ndarray
    frames: np.ndarray
    scores: np.ndarray
    looks: np.ndarray
    usable: np.ndarray
    labelled: np.ndarray

    def select(self, positions: np.ndarray, looks: np.ndarray) -> Candidates:
        """Returns only the frames at these positions, with these looks."""
        values = {field.name: getattr(self, field.name)[positions] for field in dataclasses.fields(self)}
        return Candidates(**{**values, "looks": looks})


def preselect(candidates: Candidates, min_gap: int, seed: int = 0) -> np.ndarray:
    """Finds the frames that `choose` needs to know: labelled ones, and the best one of each half gap of a video.

    So only these need `looks`, and a video of hours fits into memory.

    Args:
      candidates: the frames of all videos; `looks` may have no columns.
      min_gap, seed: as for `choose`.

    Returns:
      int64 [M], rising positions in `candidates`.
    """
    order = np.random.default_rng(seed).permutation(len(candidates.frames))
    found = _find_candidates(candidates, order, min_gap)
    return np.union1d(found, np.flatnonzero(candidates.labelled)).astype(np.int64)


def describe(thumbnails: np.ndarray, joints: np.ndarray, sides_px: np.ndarray) -> np.ndarray:
    """Describes frames by numbers whose distance says how different they look.

    Args:
      thumbnails: uint8 [N, h, w, 3].
      joints: float32 [N, J, 2], predictions in px; NaN counts as the mean of all frames.
      sides_px: float [N], the longer side of each frame.

    Returns:
      float32 [N, D]: pictures and poses, each scaled so that the mean squared distance of two frames is 1.
    """
    pictures = thumbnails.reshape(len(thumbnails), -1).astype(np.float32)
    points = (joints / np.asarray(sides_px, np.float32)[:, None, None]).reshape(len(joints), -1)
    known = np.isfinite(points)
    means = np.where(known, points, 0).sum(0) / np.maximum(known.sum(0), 1)
    return np.concatenate([_scaled(pictures), _scaled(np.where(known, points, means).astype(np.float32))], axis=1)


def choose(candidates: Candidates, count: int, min_gap: int, seed: int = 0, way: str = BOTH) -> list[int]:
    """Chooses frames.

    Args:
      candidates: the frames of all videos.
      count: how many to choose; fewer are chosen if there are not so many.
      min_gap: the least distance in frames between two chosen frames of a video, and to labelled ones; at least 1.
      seed: decides between equal frames. The same seed gives the same choice.
      way: one of `WAYS`: scores alone, diversity alone, or both.

    Returns:
      Positions in `candidates`, in the order of the choice: the first are the most worth a label.

    Raises:
      ValueError: for an unknown way, or numbers below 1.
    """
    if way not in WAYS:
        raise ValueError(f"way: expected one of {', '.join(WAYS)}, received {way!r}")
    if count < 1 or min_gap < 1:
        raise ValueError(f"count, min_gap: expected at least 1, received {count} and {min_gap}")
    order = np.random.default_rng(seed).permutation(len(candidates.frames))
    positions = _find_candidates(candidates, order, min_gap)
    return _Greedy(candidates, positions, count, min_gap, way).run()


def _find_candidates(candidates, order, min_gap):
    """The frame with the highest score of each stretch of half the gap; at most `_MOST_CANDIDATES` of them."""
    free = candidates.usable & ~candidates.labelled
    places = order[free[order]]
    places = places[np.argsort(-candidates.scores[places], kind="stable")]
    stretches = np.stack([candidates.videos[places], candidates.frames[places] // max(1, min_gap // 2)], axis=1)
    _, first = np.unique(stretches, axis=0, return_index=True)
    return places[np.sort(first)][:_MOST_CANDIDATES]


class _Greedy:
    """Takes one frame after the other."""

    def __init__(self, candidates, positions, count, min_gap, way):
        self._all = candidates
        self._positions = positions
        self._min_gap = min_gap
        self._count = min(count, len(positions))
        self._way = way
        self._looks = candidates.looks[positions]
        self._free = np.ones(len(positions), bool)
        self._distance = np.full(len(positions), np.inf, np.float32)
        self._per_video = np.zeros(int(candidates.videos.max(initial=0)) + 1, int)
        videos = len(np.unique(candidates.videos[positions]))
        self._most_per_video = math.ceil(_SHARE_OF_VIDEOS * count / max(videos, 1))
        for place in np.flatnonzero(candidates.labelled):
            self._keep_away_from(place)

    def run(self):
        chosen: list[int] = []
        while len(chosen) < self._count and self._free.any():
            place = int(self._positions[np.argmax(self._worth())])
            chosen.append(place)
            self._per_video[self._all.videos[place]] += 1
            self._keep_away_from(place)
        return chosen

    def _worth(self):
        scores = self._all.scores[self._positions]
        distance = self._distance
        if np.isinf(distance).all():  # the first: the one nearest to all others is typical, and its score counts
            middle = np.linalg.norm(self._looks - self._looks.mean(0), axis=1)
            distance = 1 / (middle + 1e-6)
        worth = {SCORES: scores, DIVERSITY: distance, BOTH: (scores + 1e-6) * distance}[self._way]
        has_room = self._per_video[self._all.videos[self._positions]] < self._most_per_video
        allowed = self._free & has_room if (self._free & has_room).any() else self._free
        return np.where(allowed, worth, -np.inf)

    def _keep_away_from(self, place):
        same = self._all.videos[self._positions] == self._all.videos[place]
        near = np.abs(self._all.frames[self._positions] - self._all.frames[place]) < self._min_gap
        self._free &= ~(same & near)
        self._distance = np.minimum(self._distance, np.linalg.norm(self._looks - self._all.looks[place], axis=1))


def _scaled(values):
    """Scales float32 [N, D] so that the mean squared distance of two rows is 1."""
    variance = values.var(0).sum(dtype=np.float64) if len(values) else 0.0
    return values / np.float32(math.sqrt(2 * variance)) if variance > 0 else np.zeros_like(values)


def number_videos(counts: Sequence[int]) -> np.ndarray:
    """Returns int64 [N]: the number of the video of each frame, for videos of these many frames one after the other."""
    return np.repeat(np.arange(len(counts)), counts)
