"""Contrasts of nets on the same joints of the same frames, with paired bootstrap intervals.

A contrast is a weighted sum of the means of several columns, such as +1 for one net and −1 for another. All columns are
resampled together: whole clips, speakers or films, and, if nets were trained with several seeds, the seeds too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from keras_pose.evaluation import bootstrap, measures
from keras_pose.evaluation.predictions import ClipPredictions

Column = Sequence[np.ndarray]  # for each clip float [N, J]: a value of each joint, NaN if it does not count


@dataclasses.dataclass(frozen=True)
class Contrast:
    """A figure with its 95 % interval.

    Args:
      value: the figure.
      low, high: its interval; None if nothing could be resampled.
      units: what was resampled, such as "25 groups".
    """

    value: float
    low: float | None
    high: float | None
    units: str


def count_right(clips: Sequence[ClipPredictions], joints: Sequence[int] | None, fraction: float) -> list[np.ndarray]:
    """Returns a column: 1 for each joint within `fraction` of the frame's longer side, otherwise 0.

    Args:
      clips: predictions of one net.
      joints: positions of the joints that count; None: all.
      fraction: of what the net sees of the frame.
    """
    column = []
    for clip in clips:
        errors = clip.errors_px()
        right = np.where(np.isfinite(errors), errors <= fraction * clip.seen_side_px, np.nan)
        column.append(keep_joints(right, joints))
    return column


def keep_joints(values: np.ndarray, joints: Sequence[int] | None) -> np.ndarray:
    """Returns float [N, J] with NaN for all joints but these."""
    if joints is None:
        return values
    kept = np.full(values.shape, np.nan)
    kept[:, list(joints)] = values[:, list(joints)]
    return kept


def contrast(
    clips: Sequence[ClipPredictions],
    columns: Mapping[str, Sequence[Column]],
    weights: Mapping[str, float],
    resamples: int = bootstrap.RESAMPLES,
) -> Contrast:
    """Bootstraps a weighted sum of means.

    Args:
      clips: predictions of any of the nets: they name the clips, their groups and their labels.
      columns: {name: a column for each seed}, equally many seeds of each.
      weights: {name: weight}.
      resamples: at least 1000.
    """
    names = list(columns)
    seeds = len(columns[names[0]])
    flat = [column for name in names for column in columns[name]]
    tables = [np.stack([column[i] for column in flat], axis=1) for i in range(len(clips))]
    found = measures.gather(clips, [str(i) for i in range(len(flat))], tables)
    factors = np.array([weights.get(name, 0.0) for name in names])

    def combine(means, drawn):
        by_seed = means.reshape(-1, len(names), seeds)
        chosen = np.take_along_axis(by_seed, drawn[:, None], axis=2).mean(2)
        return chosen @ factors

    whole = measures.pooled_means(*found.weighted(np.ones((1, found.num_rows))))
    value = float(combine(whole, np.arange(seeds)[None])[0])
    rng = np.random.default_rng(1)
    draws = []
    for sums, counts in bootstrap.resampled(found, resamples):
        means = measures.pooled_means(sums, counts)
        draws.append(combine(means, rng.integers(seeds, size=(len(means), seeds))))
    limits = bootstrap.limits(np.concatenate(draws)[:, None], bootstrap.LEVEL)[0]
    low, high = limits or (None, None)
    return Contrast(value, low, high, f"{found.num_units} {found.unit}")
