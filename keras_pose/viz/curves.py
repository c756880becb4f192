"""Draws accuracy against distance, one panel per group of joints, one line with its bootstrap band per run."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

from keras_pose.viz.pictures import FAINT, INK, render, style_axis

# Okabe and Ito's colours, which colour-blind readers can distinguish too; without yellow, too pale for a line.
RUN_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#1c2430")
_LINES = ("-", "--", "-.", ":")


@dataclasses.dataclass(frozen=True)
class AccuracyCurve:
    """Accuracy within a distance.

    Args:
      distances_px: float64 [D], rising from 0.
      accuracy: float64 [D], fraction of the labelled joints; NaN if nothing is labelled.
      low: float64 [D], lower end of the bootstrap interval.
      high: float64 [D], its upper end.
    """

    distances_px: np.ndarray
    accuracy: np.ndarray
    low: np.ndarray
    high: np.ndarray


def draw_accuracy_curves(
    curves: Mapping[str, Mapping[str, AccuracyCurve]],
    title: str = "Accuracy against distance",
    note: str = "",
    columns: int = 4,
    dpi: float = 120,
) -> np.ndarray:
    """Draws one figure for any number of runs.

    Args:
      curves: dict name of run -> dict name of group -> `AccuracyCurve`; all runs have the same groups.
      title: str.
      note: str under the title, such as what the bands are.
      columns: largest number of panels in a row.
      dpi: dots per inch of the result; a panel is 3 × 2.7 inch.

    Returns:
      uint8 [H, W, 3].

    Raises:
      ValueError: for no runs, or runs with different groups.
    """
    groups = _common_groups(curves)

    # Size the figure in inches: panels in rows, above them the title, the note and the legend.
    columns = min(columns, len(groups)) if len(groups) != 5 else 3
    rows = -(-len(groups) // columns)
    width = max(6.4, 3.0 * columns + 0.4)
    per_line = max(1, min(len(curves), int(width // 2.2)))
    head = 0.85 + (0.12 + 0.24 * -(-len(curves) // per_line) if len(curves) > 1 else 0.0)  # inch above the panels
    height = 2.7 * rows + head
    figure = Figure(figsize=(width, height), dpi=dpi, facecolor="white")
    axes = figure.subplots(rows, columns, squeeze=False, sharey=True)
    figure.subplots_adjust(
        left=0.62 / width,
        right=1 - 0.2 / width,
        bottom=0.55 / height,
        top=1 - head / height - 0.1 / height,
        hspace=0.42,
        wspace=0.1,
    )

    # Draw the panels; labels stand at the left and the bottom only.
    for i, axis in enumerate(axes.flat):
        if i >= len(groups):
            axis.set_visible(False)
            continue
        _draw_panel(axis, groups[i], {run: of[groups[i]] for run, of in curves.items()})
        if i % columns == 0:
            axis.set_ylabel("accuracy (%)", color=INK)
        if i + columns >= len(groups):
            axis.set_xlabel("distance from the truth (px)", color=INK)
    left = 0.2 / width
    figure.text(left, 1 - 0.32 / height, title, fontsize=13, fontweight="bold", color=INK, parse_math=False)
    figure.text(left, 1 - 0.56 / height, note, fontsize=9, color=FAINT, parse_math=False)
    if len(curves) > 1:
        _draw_legend(figure, axes.flat[0], left, 1 - 0.68 / height, per_line)
    return render(figure)


def _draw_panel(axis, group, by_run):
    for i, (run, curve) in enumerate(by_run.items()):
        color = RUN_COLORS[i % len(RUN_COLORS)]
        line = _LINES[i // len(RUN_COLORS) % len(_LINES)]
        known = np.isfinite(curve.accuracy)
        axis.fill_between(
            curve.distances_px[known], 100 * curve.low[known], 100 * curve.high[known], color=color, alpha=0.16, lw=0
        )
        axis.plot(curve.distances_px[known], 100 * curve.accuracy[known], line, color=color, lw=2, label=run)
        if not known.any():
            axis.text(0.5, 0.5, "nothing labelled", transform=axis.transAxes, ha="center", color=FAINT)
    largest = max(curve.distances_px[-1] for curve in by_run.values())
    axis.set(xlim=(0, largest), ylim=(0, 102))
    axis.set_title(group.replace("_", " "), fontsize=11, color=INK, loc="left", pad=5, parse_math=False)
    axis.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axis.yaxis.set_major_locator(MultipleLocator(20))
    style_axis(axis)


def _draw_legend(figure, axis, left, top, per_line):
    handles, labels = axis.get_legend_handles_labels()
    # A leading underscore hides an entry, and dollar signs would start a formula.
    names = [label if len(label) <= 32 else label[:15] + "…" + label[-16:] for label in labels]
    figure.legend(
        handles,
        [name.replace("$", r"\$") for name in names],
        loc="upper left",
        bbox_to_anchor=(left, top),
        ncols=per_line,
        frameon=False,
        fontsize=10,
        labelcolor=INK,
        borderpad=0.1,
        borderaxespad=0,
        handlelength=1.8,
    )


def _common_groups(curves):
    if not curves:
        raise ValueError("expected the curves of at least one run, received none")
    (first, groups), *others = [(run, list(of)) for run, of in curves.items()]
    for run, found in others:
        if found != groups:
            raise ValueError(f"expected the same groups in all runs, {first} has {groups}, {run} has {found}")
    return groups
