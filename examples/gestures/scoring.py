"""Scores of a classifier: accuracy with its confidence interval, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000


def bootstrap_interval(values: npt.ArrayLike, seed: int = 0) -> tuple[float, float]:
    """Returns the 95 % percentile bootstrap interval of a mean over clips (Efron 1979).

    Args:
      values: float [N], one per clip: 1 if classified correctly, else 0; or the difference of two classifiers.
      seed: of the resampling.

    Returns:
      Lower and upper bound.
    """
    values = np.asarray(values, np.float64)
    counts = np.random.default_rng(seed).multinomial(len(values), np.full(len(values), 1 / len(values)), RESAMPLES)
    low, high = np.percentile(counts @ values / len(values), [2.5, 97.5])
    return float(low), float(high)


def count_confusions(truth: npt.ArrayLike, predicted: npt.ArrayLike, num_gestures: int) -> np.ndarray:
    """Returns the confusion matrix, int64 [K, K]: the number of clips per true (row) and predicted (column) gesture."""
    table = np.zeros((num_gestures, num_gestures), np.int64)
    np.add.at(table, (np.asarray(truth), np.asarray(predicted)), 1)
    return table


def draw_confusion(path: str, table: np.ndarray, names: Sequence[str]) -> None:
    """Draws a table of `count_confusions` into a PNG file."""
    from matplotlib import figure

    # Colour each cell by its share of the true gesture's clips.
    shares = table / np.maximum(table.sum(1, keepdims=True), 1)
    side = 1.6 + 0.6 * len(names)
    page = figure.Figure(figsize=(side, side), dpi=100, layout="constrained")
    axis = page.subplots()
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(table):
        if count:
            color = "white" if shares[row, column] > 0.5 else "black"
            axis.text(column, row, str(count), ha="center", va="center", color=color)
    # Label the axes.
    axis.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axis.set_yticks(range(len(names)), names)
    axis.set_xlabel("recognised as")
    axis.set_ylabel("true gesture")
    axis.tick_params(length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
    page.savefig(path)
