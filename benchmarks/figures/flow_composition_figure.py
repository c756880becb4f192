"""The figure of `flow_composition`: error of flow against the number of frames that it spans."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from benchmarks.common.rows import Row
from keras_pose.viz.curves import RUN_COLORS
from keras_pose.viz.pictures import FAINT, INK, render, style_axis

_WAYS = {"direct": ("-", "o"), "composed": ("--", "s")}
_PANELS = {"body mean": "body", "wrist mean": "wrists"}
_DODGE_FRAMES = 0.06  # so that error bars at the same place do not hide each other


def draw(rows: Sequence[Row], names: Sequence[str]) -> np.ndarray:
    """Draws one panel for the body and one for the wrists.

    Args:
      rows: as `flow_composition` reports them.
      names: estimators to draw.

    Returns:
      uint8 [H, W, 3].

    Raises:
      ValueError: if no row belongs to one of these estimators.
    """
    values = {row.what: row for row in rows}
    if not any(f"{name}, direct, 1 frames, body mean error" in values for name in names):
        raise ValueError(f"expected rows of {', '.join(names)}, received {', '.join(values) or 'none'}")
    figure = Figure(figsize=(8.4, 4.4), dpi=120, facecolor="white")
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.08, right=0.98, bottom=0.13, top=0.68, wspace=0.2)
    for axis, (measure, title) in zip(axes, _PANELS.items()):
        for i, name in enumerate(names):
            for way in _WAYS:
                _draw_line(axis, values, name, way, measure, RUN_COLORS[i % len(RUN_COLORS)])
        _style(axis, title)
    figure.text(0.03, 0.935, "Flow over several frames: composed or estimated at once", fontsize=13,
                fontweight="bold", color=INK)  # fmt: skip
    figure.text(0.03, 0.88, "pixels visible in both frames; bars: 95 % bootstrap intervals over clips", fontsize=9,
                color=FAINT)  # fmt: skip
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper left", bbox_to_anchor=(0.02, 0.87), ncols=4, frameon=False,
                  fontsize=9, labelcolor=INK)  # fmt: skip
    return render(figure)


def _draw_line(axis, values, name, way, measure, color):
    # Collect the rows of this line, one for each number of frames.
    found = {}
    gap = 1
    while (what := f"{name}, {way}, {gap} frames, {measure} error") in values:
        found[gap] = values[what]
        gap += 1
    line, marker = _WAYS[way]
    shift = _DODGE_FRAMES * (1 if way == "composed" else -1)
    means = np.array([row.value for row in found.values()])
    limits = np.array([(row.low, row.high) for row in found.values()])
    axis.errorbar(
        np.array(list(found)) + shift,
        means,
        yerr=np.abs(limits.T - means),
        color=color,
        ls=line,
        marker=marker,
        ms=5,
        lw=1.8,
        capsize=3,
        label=f"{name}, {way}",
    )


def _style(axis, title):
    axis.set_title(title, fontsize=10, color=INK, loc="left")
    axis.set_ylim(bottom=0)
    axis.set_xlabel("frames from target to source", color=INK)
    axis.set_ylabel("mean error (px)", color=INK)
    axis.xaxis.get_major_locator().set_params(integer=True)
    style_axis(axis)
