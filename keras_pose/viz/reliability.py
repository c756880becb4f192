"""Draws whether confidences can be trusted: a reliability diagram, and expected errors against true ones."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from keras_pose.confidence.reliability import Diagram
from keras_pose.viz.curves import RUN_COLORS
from keras_pose.viz.pictures import FAINT, FRAME, INK, render, style_axis

_CALIBRATED = RUN_COLORS[0]
_PLAIN = RUN_COLORS[1]
_WIDTH_IN = 9.4
_HEIGHT_IN = 5.0


def draw_reliability(
    calibrated: Diagram,
    uncalibrated: Diagram,
    expected_errors: np.ndarray,
    true_errors: np.ndarray,
    distance: float,
    title: str = "Reliability of confidences",
    note: str = "",
    dpi: float = 120,
) -> np.ndarray:
    """Draws both panels. Marks differ in shape and filling as well as in colour.

    Args:
      calibrated: points of the calibrated probabilities.
      uncalibrated: points of the plain scores, taken as probabilities.
      expected_errors: float [B], mean expected error of each bin, as a fraction of the longer side of the frame.
      true_errors: float [B], its mean true error, likewise.
      distance: the distance that probabilities are about, likewise.
      title: str.
      note: str under the title.
      dpi: dots per inch of the result.

    Returns:
      uint8 [H, W, 3].
    """
    figure = Figure(figsize=(_WIDTH_IN, _HEIGHT_IN), dpi=dpi, facecolor="white")
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.08, right=0.975, bottom=0.12, top=0.78, wspace=0.24)
    _draw_probabilities(left, calibrated, uncalibrated, distance)
    _draw_errors(right, 100 * np.asarray(expected_errors), 100 * np.asarray(true_errors))
    figure.text(0.02, 1 - 0.34 / _HEIGHT_IN, title, parse_math=False, fontsize=13, fontweight="bold", color=INK)
    figure.text(0.02, 1 - 0.58 / _HEIGHT_IN, note, parse_math=False, fontsize=9, color=FAINT)
    return render(figure)


def _draw_probabilities(axis: Axes, calibrated: Diagram, uncalibrated: Diagram, distance: float) -> None:
    axis.plot([0, 100], [0, 100], color=FRAME, lw=1.2, zorder=1)
    for points, label, color, mark, filled in (
        (uncalibrated, "plain score", _PLAIN, "s", False),
        (calibrated, "calibrated", _CALIBRATED, "o", True),
    ):
        ends = np.abs(np.stack([points.low, points.high]) - points.observed)
        axis.errorbar(
            100 * points.predicted,
            100 * points.observed,
            100 * ends,
            fmt=mark,
            ms=6,
            color=color,
            mfc=color if filled else "white",
            mew=1.4,
            elinewidth=1.4,
            label=label,
            zorder=3 if filled else 2,
        )
    axis.set(xlim=(0, 101), ylim=(0, 102))
    axis.set_xlabel("confidence (%)", color=INK)
    axis.set_ylabel("joints within the distance (%)", color=INK)
    axis.set_title(f"within {100 * distance:g} % of the longer side", fontsize=11, color=INK, loc="left", pad=5)
    axis.xaxis.set_major_locator(MultipleLocator(20))
    axis.yaxis.set_major_locator(MultipleLocator(20))
    axis.legend(loc="upper left", frameon=False, fontsize=10, labelcolor=INK)
    style_axis(axis)


def _draw_errors(axis: Axes, expected: np.ndarray, true: np.ndarray) -> None:
    largest = 1.1 * max(expected.max(initial=0), true.max(initial=0), 1e-3)
    axis.plot([0, largest], [0, largest], color=FRAME, lw=1.2, zorder=1)
    axis.plot(expected, true, "o", ms=6, color=_CALIBRATED, zorder=3)
    axis.set(xlim=(0, largest), ylim=(0, largest))
    axis.set_xlabel("expected error (% of the longer side)", color=INK)
    axis.set_ylabel("mean true error (% of the longer side)", color=INK)
    axis.set_title("expected error", fontsize=11, color=INK, loc="left", pad=5)
    style_axis(axis)
