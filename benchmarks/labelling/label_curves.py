"""Curves of error by number of labels: their difference, and the labels that one saves, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.common.rows import Row

RESAMPLES = 2000
_LEAST_SAVED = -1.0  # twice the labels: beyond that, the curves are not extrapolated


def labels_needed(budgets: Sequence[int], errors: np.ndarray, target: float) -> float:
    """Finds the number of labels at which an error is reached.

    Args:
      budgets: rising numbers of labels.
      errors: float [budgets], the error at each.
      target: the error to reach.

    Returns:
      The number of labels, interpolated between logarithms of labels and errors on the falling hull of the curve;
      beyond the largest budget, the curve is extended at its mean slope, to at most twice that budget.
    """
    falling = np.minimum.accumulate(errors)
    logs = np.log(np.asarray(budgets, np.float64))
    heights = np.log(falling)
    if target >= falling[0]:
        return float(budgets[0])
    if target < falling[-1]:
        slope = (heights[-1] - heights[0]) / (logs[-1] - logs[0])
        beyond = logs[-1] + (np.log(target) - heights[-1]) / slope if slope < 0 else np.inf
        return float(min(np.exp(min(beyond, 700)), (1 - _LEAST_SAVED) * budgets[-1]))
    after = int(np.argmax(falling <= target))
    share = (np.log(target) - heights[after - 1]) / (heights[after] - heights[after - 1])
    return float(np.exp(logs[after - 1] + share * (logs[after] - logs[after - 1])))


def saved_share(budgets: Sequence[int], chosen: np.ndarray, random: np.ndarray) -> float:
    """Returns the share of labels that a choice saves at the error that random choice reaches with all its labels."""
    return 1 - labels_needed(budgets, chosen, float(random[-1])) / budgets[-1]


def compare(
    name: str, budgets: Sequence[int], chosen: np.ndarray, random: np.ndarray, target: str | None, seed: int = 0
) -> list[Row]:
    """Compares the errors of two ways of choosing.

    Args:
      name: the other way, for the rows.
      budgets: rising numbers of labels.
      chosen: float [seeds, budgets, clips], errors in % of the frame's longer side.
      random: float [seeds, budgets, clips], of random choice: the same seeds and clips.
      target: of the share of labels that is saved, or None.
      seed: of the resampling.

    Returns:
      Rows: error of both at each budget, their difference, and the labels saved. Intervals are percentiles over
      resampled seeds and test clips, the same for both.
    """
    draws = list(_resample(chosen.shape[0], chosen.shape[2], seed))

    def interval(measure: Callable[[np.ndarray, np.ndarray], float]) -> tuple[float, float, float]:
        values = [measure(chosen[s][:, :, c].mean((0, 2)), random[s][:, :, c].mean((0, 2))) for s, c in draws]
        low, high = np.percentile(values, (2.5, 97.5))
        return measure(chosen.mean((0, 2)), random.mean((0, 2))), float(low), float(high)

    rows = []
    for place, budget in enumerate(budgets):
        rows.append(Row(f"{budget} labels: random", float(random[:, place].mean()), "% of the side"))
        rows.append(Row(f"{budget} labels: {name}", float(chosen[:, place].mean()), "% of the side"))
        if place:  # the first labels are the same
            value, low, high = interval(lambda a, b, place=place: float(a[place] - b[place]))  # type: ignore[misc]
            rows.append(Row(f"{budget} labels: {name} − random", value, "% of the side", low, high))
    value, low, high = interval(lambda a, b: saved_share(budgets, a, b))
    rows.append(
        Row(f"labels saved by {name} at the error of {budgets[-1]} random ones", value, "share", low, high, target)
    )
    return rows


def _resample(num_seeds, num_clips, seed):
    rng = np.random.default_rng(seed)
    for _ in range(RESAMPLES):
        yield rng.integers(num_seeds, size=num_seeds), rng.integers(num_clips, size=num_clips)
