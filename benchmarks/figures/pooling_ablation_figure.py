"""The figure of `pooling_ablation`: accuracy of the wrists against the number of neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from keras_pose.viz.curves import RUN_COLORS
from keras_pose.viz.pictures import FAINT, INK, render, style_axis

MAIN_FLOWS = ("dis_medium", "variational", "in_graph", "true")  # the first of these that was measured is drawn large
_IN_WORDS = {"none": "without flow", "joints": "each joint's true motion"}
# Each pooling has a fixed colour, whatever else is drawn.
_STYLES = {
    "parametric": (RUN_COLORS[0], "o"),
    "data_dependent": (RUN_COLORS[2], "D"),
    "sum": (RUN_COLORS[1], "s"),
    "max": (RUN_COLORS[3], "^"),
    "chain": (RUN_COLORS[4], "v"),
    "chain_readout": ("#7a5195", "<"),
    "track": (RUN_COLORS[5], "P"),
    "median": (RUN_COLORS[6], "X"),
}
_SINGLE_COLOR = "#5b6675"
_DODGE_NEIGHBOURS = 0.09  # so that error bars at the same place do not hide each other


def choose_main_flow(flows: Iterable[str]) -> str:
    """Returns the flow that is drawn large."""
    flows = list(flows)
    return next((flow for flow in MAIN_FLOWS if flow in flows), flows[0])


def describe_flow(flow: str) -> str:
    """Returns a flow in words."""
    return _IN_WORDS.get(flow, f"{flow} flow")


def draw(points: Mapping[tuple, tuple[float, Sequence[float]]], single: tuple[float, Sequence[float]]) -> np.ndarray:
    """Draws a panel for each flow, the main one large, with a line for each pooling.

    Args:
      points: (accuracy, [low, high]), fractions, by (flow, pooling, n).
      single: (accuracy, [low, high]) of the single frame.

    Returns:
      uint8 [H, W, 3].

    Raises:
      ValueError: if there are no points.
    """
    if not points:
        raise ValueError("expected the accuracy of at least one pooling, received none")
    flows = list(dict.fromkeys(flow for flow, _, _ in points))
    large = choose_main_flow(flows)
    others = [flow for flow in flows if flow != large]
    height = 5.6 if len(others) <= 4 else 7.0
    figure = Figure(figsize=(11.4 if others else 7.2, height), dpi=120, facecolor="white")
    axes = _lay_out(figure, others)
    sizes = sorted({n for _, _, n in points})
    # Draw the panels; the small ones share their scale.
    for flow, axis in zip([large, *others], axes):
        _draw_single(axis, single)
        for pooling in _STYLES:
            cells = {n: points[flow, pooling, n] for n in sizes if (flow, pooling, n) in points}
            if cells:
                _draw_line(axis, cells, pooling, flow == large)
        shown = [points[cell] for cell in points if (cell[0] == large) == (flow == large)]
        lowest = min(low for _, (low, _) in (*shown, single))
        _style(axis, describe_flow(flow), sizes, max(0, 5 * np.floor(20 * lowest)))
    axes[0].set_xlabel("neighbours on each side (n)", color=INK)
    axes[0].set_ylabel("accuracy (%)", color=INK)
    # Write the title, the note and the legend.
    left = 0.035
    title = "Wrists within 5 % of the frame's side, by pooling"
    figure.text(left, 1 - 0.31 / height, title, fontsize=13, fontweight="bold", color=INK)
    note = "frozen single-frame net; bars and band: 95 % bootstrap intervals over test clips"
    figure.text(left, 1 - 0.56 / height, note, fontsize=9, color=FAINT)
    handles, labels = axes[0].get_legend_handles_labels()
    place = (left - 0.01, 1 - 0.62 / height)
    style: dict[str, Any] = {"ncols": 5, "frameon": False, "fontsize": 10, "labelcolor": INK}
    figure.legend(handles, labels, loc="upper left", bbox_to_anchor=place, **style)
    return render(figure)


def _lay_out(figure, others):
    """Returns axes: a large one and, next to it, one for each of the others, two in a row."""
    columns = min(2, len(others))
    height = figure.get_figheight()
    rows = max(1, -(-len(others) // 2))
    place = {"left": 0.07, "right": 0.98, "bottom": 0.1, "top": 1 - 1.34 / height, "wspace": 0.14, "hspace": 0.4}
    grid = figure.add_gridspec(rows, 1 + columns, width_ratios=[1.9] + [1] * columns, **place)
    return [
        figure.add_subplot(grid[:, 0]),
        *(figure.add_subplot(grid[i // 2, 1 + i % 2]) for i in range(len(others))),
    ]


def _draw_single(axis, single):
    value, (low, high) = single
    axis.axhspan(100 * low, 100 * high, color=_SINGLE_COLOR, alpha=0.12, lw=0)
    axis.axhline(100 * value, color=_SINGLE_COLOR, lw=1.6, ls="--", label="none (single frame)")


def _draw_line(axis, cells, pooling, large):
    color, marker = _STYLES[pooling]
    shift = _DODGE_NEIGHBOURS * (list(_STYLES).index(pooling) - (len(_STYLES) - 1) / 2)
    values = 100 * np.array([value for value, _ in cells.values()])
    limits = 100 * np.array([limits for _, limits in cells.values()])
    axis.errorbar(
        np.array(list(cells)) + shift,
        values,
        yerr=np.abs(limits.T - values),
        color=color,
        marker=marker,
        ms=6 if large else 3.5,
        lw=2 if large else 1.5,
        elinewidth=1.2 if large else 0.8,
        capsize=2.5 if large else 0,
        label=pooling.replace("_", "-"),
    )


def _style(axis, title, sizes, lowest):
    axis.set(xlim=(0, sizes[-1] + 0.5), ylim=(lowest, 100))
    axis.set_title(title, fontsize=10, color=INK, loc="left", pad=5)
    axis.xaxis.set_major_locator(FixedLocator(sizes))
    style_axis(axis)
