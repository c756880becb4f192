"""Percentile bootstrap: how far a figure would move with other clips (Efron 1979).

Frames of a clip resemble each other, so whole groups, sessions or clips are drawn with replacement, or, if there are
too few of them, blocks of consecutive frames. "unit" says which, and `resampling` how. With few units percentile
intervals are somewhat narrow.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose.evaluation.measure_table import PckReference, options_for
from keras_pose.evaluation.measures import Measures, build_measures, group_means, joint_groups, nest, pooled_means
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.evaluation.resampling import BLOCKS, draw_weights
from keras_pose.skeleton import Skeleton

LEVEL = 0.95
RESAMPLES = 2000
_CHUNK_NUMBERS = 4_000_000  # weights drawn, and sums formed, at a time: 32 MB each


def intervals(
    measures: Measures,
    groups: Mapping[str, Sequence[int]],
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Bootstraps every measure, over all joints and per group.

    Args:
      measures: `Measures`.
      groups: dict name -> joint positions, from `joint_groups`.
      level: coverage, 0 to 1.
      resamples: number of resamples, at least 1000.
      seed: int, seed of the draws.

    Returns:
      {"unit", "num_units", "block_frames" (None unless blocks are drawn), "lower_bound" (whether there are too few
      sessions to speak of others), "level", "resamples", "mean_error_px": [low, high],
      "accuracy_px": {d: [low, high]}, …,
      "groups": {name: {…the same…}}}; None instead of an interval if nothing is labelled.

    Raises:
      ValueError: for fewer than 1000 resamples or a level outside 0 to 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"expected level between 0 and 1, received {level}")
    draws: dict[str, list[np.ndarray]] = {name: [] for name in ("", *groups)}  # "": all joints
    for sums, counts in resampled(measures, resamples, seed):
        draws[""].append(pooled_means(sums, counts))
        for name, joints in groups.items():
            draws[name].append(group_means(sums, counts, joints))
    nested = {name: nest(measures.keys, limits(np.concatenate(d), level)) for name, d in draws.items()}
    overall = nested.pop("")
    in_blocks = measures.unit == BLOCKS
    head = {
        "unit": measures.unit,
        "num_units": measures.num_units,
        "block_frames": measures.block_frames if in_blocks else None,
        "lower_bound": in_blocks,
        "level": level,
        "resamples": resamples,
    }
    return {**head, **overall, "groups": nested}


def resampled(measures: Measures, resamples: int = RESAMPLES, seed: int = 0) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields (sums, counts), float64 [r, K, J], of resamples of the units, in chunks that fit into memory.

    Raises:
      ValueError: for fewer than 1000 resamples.
    """
    if resamples < 1000:
        raise ValueError(f"expected at least 1000 resamples, received {resamples}")
    rng = np.random.default_rng(seed)
    rows = measures.num_rows
    size = max(1, min(resamples, _CHUNK_NUMBERS // max(rows, measures.sums[:1].size, 1)))
    for start in range(0, resamples, size):
        count = min(size, resamples - start)
        yield measures.weighted(draw_weights(rng, count, rows, measures.block_frames, measures.lengths))


def paired_difference(
    a: Sequence[ClipPredictions],
    b: Sequence[ClipPredictions],
    metric: str,
    skeleton: Skeleton,
    group: str | None = None,
    pck_reference: PckReference = "frame",
    auc_max_px: float | None = None,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Bootstraps the difference a − b of two runs on the same frames, drawing the same units for both.

    Args:
      a: list of `ClipPredictions` of the first run.
      b: list of `ClipPredictions` of the second run, of the same clips, frames and labels.
      metric: "mean_error_px", "accuracy_px/<d>", "pck/<fraction>", "auc", or any other of `measure_table.MEASURES`.
      skeleton: `Skeleton` of both.
      group: a group of `joint_groups` (such as "wrist") or a joint; None: all joints.
      pck_reference: see `reference_lengths.resolve`, for PCK.
      auc_max_px: px, for "auc".
      level: coverage, 0 to 1.
      resamples: number of resamples, at least 1000.
      seed: int.

    Returns:
      {"metric", "group", "unit", "num_units", "a", "b", "difference", "interval": [low, high],
      "significant": whether the interval leaves out 0}; None instead of a number if nothing is labelled.

    Raises:
      ValueError: for other clips, frames or labels in b, or an unknown metric or group.
    """
    check_paired(a, b)
    options = options_for(metric, pck_reference, auc_max_px)
    in_order = {clip.name: clip for clip in b}
    both = [build_measures(run, skeleton, **options) for run in (a, [in_order[clip.name] for clip in a])]
    # Both runs are drawn alike, in the longer blocks.
    length = max(m.block_frames for m in both)
    both = [dataclasses.replace(m, block_frames=length) for m in both]
    column = both[0].columns_of(metric.partition("/")[0])[0]
    joints = _joints_of(group, skeleton)

    def value(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
        means = pooled_means(sums, counts) if joints is None else group_means(sums, counts, joints)
        return means[:, column]

    point = [value(*m.weighted(np.ones((1, m.num_rows))))[0] for m in both]
    draws = [np.concatenate([value(*r) for r in resampled(m, resamples, seed)]) for m in both]
    interval = limits((draws[0] - draws[1])[:, None], level)[0]
    return {
        "metric": metric,
        "group": group,
        "unit": both[0].unit,
        "num_units": both[0].num_units,
        "a": _number(point[0]),
        "b": _number(point[1]),
        "difference": _number(point[0] - point[1]),
        "interval": interval,
        "significant": bool(interval is not None and (interval[0] > 0 or interval[1] < 0)),
    }


def check_paired(a: Sequence[ClipPredictions], b: Sequence[ClipPredictions]) -> None:
    """Checks that two runs can be compared frame by frame.

    Raises:
      ValueError: if their clips, frames or labels differ; the message names the clip.
    """
    first, second = ({clip.name: clip for clip in run} for run in (a, b))
    if first.keys() != second.keys():
        raise ValueError(f"expected the same clips in both runs, only one has: {sorted(first.keys() ^ second.keys())}")
    for name, clip in first.items():
        other = second[name]
        if not np.array_equal(clip.frames, other.frames):
            raise ValueError(f"clip {name}: expected the same frames in both runs")
        if not np.array_equal(clip.truth, other.truth, equal_nan=True):
            raise ValueError(f"clip {name}: expected the same labels in both runs")


def _joints_of(group, skeleton):
    if group is None:
        return None
    known = {**{joint: (i,) for i, joint in enumerate(skeleton.joints)}, **joint_groups(skeleton)}
    if group not in known:
        raise ValueError(f"unknown group {group!r}, expected one of {', '.join(known)}")
    return known[group]


def limits(draws: np.ndarray, level: float) -> list[list[float] | None]:
    """Returns [low, high] of each column, without the draws that have no labels (NaN); None if none has any.

    Args:
      draws: float64 [R, K], a figure in each resample.
      level: coverage, 0 to 1.
    """
    ends = [50 * (1 - level), 50 * (1 + level)]
    known = [column[np.isfinite(column)] for column in draws.T]
    return [[float(v) for v in np.percentile(column, ends)] if len(column) else None for column in known]


def _number(value):
    return float(value) if np.isfinite(value) else None
