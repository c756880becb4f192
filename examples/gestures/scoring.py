"""How good a classifier is: accuracy with an interval, and which gestures it mixes up."""

from __future__ import annotations

import numpy as np

RESAMPLES = 2000


def interval(values, seed=0) -> tuple[float, float]:
    """95 % percentile bootstrap interval of a mean (Efron 1979), drawing clips.

    Args:
      values: float [N], one a clip: 1 where right, else 0; or the difference of two classifiers.
      seed: int.
    """
    counts = np.random.default_rng(seed).multinomial(len(values), np.full(len(values), 1 / len(values)), RESAMPLES)
    low, high = np.percentile(counts @ np.asarray(values, np.float64) / len(values), [2.5, 97.5])
    return float(low), float(high)


def confusion(truth, predicted, num_gestures) -> np.ndarray:
    """int64 [K, K]: how many clips of gesture (row) were taken for gesture (column)."""
    table = np.zeros((num_gestures, num_gestures), np.int64)
    np.add.at(table, (truth, predicted), 1)
    return table


def draw_confusion(path, table, names):
    """Draws a table of `confusion` into a PNG file."""
    from matplotlib import figure

    shares = table / np.maximum(table.sum(1, keepdims=True), 1)
    side = 1.6 + 0.6 * len(names)
    page = figure.Figure(figsize=(side, side), dpi=100, layout="constrained")
    axis = page.subplots()
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(table):
        if count:
            color = "white" if shares[row, column] > 0.5 else "black"
            axis.text(column, row, str(count), ha="center", va="center", color=color)
    axis.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axis.set_yticks(range(len(names)), names)
    axis.set_xlabel("recognised as")
    axis.set_ylabel("true gesture")
    axis.tick_params(length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
    page.savefig(path)
