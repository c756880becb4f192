"""The figure of `regimes`: accuracy of the wrists against the number of training clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MultipleLocator, NullLocator

from keras_pose.viz.curves import RUN_COLORS
from keras_pose.viz.pictures import FAINT, INK, render, style_axis

_MARKERS = ("o", "s", "D")
_DODGE = 0.03  # natural logarithm of the factor between regimes, so that their error bars do not hide each other


def draw(points: Mapping[tuple[str, int], tuple[float, Sequence[float]]], note: str = "") -> np.ndarray:
    """Draws one line with error bars for each regime.

    Args:
      points: (accuracy, [low, high]), fractions, by (regime, number of clips).
      note: text under the title.

    Returns:
      uint8 [H, W, 3].

    Raises:
      ValueError: if there are no points.
    """
    if not points:
        raise ValueError("expected the accuracy of at least one training, received none")
    figure = Figure(figsize=(7.2, 4.6), dpi=120, facecolor="white")
    axis = figure.subplots()
    figure.subplots_adjust(left=0.1, right=0.97, bottom=0.13, top=0.8)
    regimes = list(dict.fromkeys(regime for regime, _ in points))
    for i, regime in enumerate(regimes):
        clips = sorted(number for name, number in points if name == regime)
        shift = np.exp(_DODGE * (i - (len(regimes) - 1) / 2))
        values = 100 * np.array([points[regime, number][0] for number in clips])
        limits = 100 * np.array([points[regime, number][1] for number in clips])
        axis.errorbar(
            np.array(clips) * shift,
            values,
            yerr=np.abs(limits.T - values),
            color=RUN_COLORS[i],
            marker=_MARKERS[i % len(_MARKERS)],
            ms=6,
            lw=2,
            capsize=3,
            label=regime,
        )
    _style(axis, sorted({number for _, number in points}))
    figure.text(0.03, 0.945, "Wrists within 5 % of the frame's side", fontsize=13, fontweight="bold", color=INK)
    text = "error bars: 95 % bootstrap intervals over test clips" + (f"; {note}" if note else "")
    figure.text(0.03, 0.895, text, fontsize=9, color=FAINT, parse_math=False)
    figure.legend(
        loc="upper left", bbox_to_anchor=(0.02, 0.885), ncols=len(regimes), frameon=False, fontsize=10, labelcolor=INK
    )
    return render(figure)


def _style(axis, clips):
    axis.set_xscale("log")
    axis.set(xlim=(clips[0] / 1.3, clips[-1] * 1.3), ylim=(0, 100))
    axis.xaxis.set_major_locator(FixedLocator(clips))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.yaxis.set_major_locator(MultipleLocator(20))
    axis.set_xlabel("training clips (logarithmic)", color=INK)
    axis.set_ylabel("accuracy (%)", color=INK)
    style_axis(axis)
