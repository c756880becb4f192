"""Draws accuracy against time for a frame, with the frontier of nets that no other beats in both."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from keras_pose.viz.curves import RUN_COLORS
from keras_pose.viz.pictures import FAINT, INK, render, style_axis

_MARKERS = "sD^v"
_WIDE = 10.0  # times between the errors that still fit on one axis from zero
_TICKS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000)


@dataclasses.dataclass(frozen=True)
class Entry:
    """A net on the plot.

    Args:
      name: what it is called.
      ms: milliseconds a frame.
      error: its mean error.
      low, high: the interval of the error.
      ours: whether it is a net of this project.
    """

    name: str
    ms: float
    error: float
    low: float
    high: float
    ours: bool = False


def find_frontier(entries: Sequence[Entry]) -> list[Entry]:
    """Returns the entries that no other one beats in both time and error, the fastest first."""
    found: list[Entry] = []
    for entry in sorted(entries, key=lambda e: (e.ms, e.error)):
        if not found or entry.error < found[-1].error:
            found.append(entry)
    return found


def draw(
    entries: Sequence[Entry],
    title: str,
    note: str = "",
    measure: str = "mean error, px",
    unit: str = " px",
    learnt_nothing: float | None = None,
    dpi: float = 120,
) -> np.ndarray:
    """Draws the plot.

    Args:
      entries: nets, at least one.
      title: title.
      note: a line under it.
      measure: what the error is, at the axis.
      unit: what stands behind an error in the legend.
      learnt_nothing: the error of a net that learnt nothing, drawn as a line; None: no line.
      dpi: dots per inch; the figure is 9.2 × 4.6 inch.

    Returns:
      uint8 [H, W, 3].

    Raises:
      ValueError: for no nets.
    """
    if not entries:
        raise ValueError("expected at least one net to draw")
    figure = Figure(figsize=(9.2, 4.6), dpi=dpi)
    axis = figure.add_axes((0.07, 0.13, 0.58, 0.69))
    frontier = find_frontier(entries)
    axis.step([e.ms for e in frontier], [e.error for e in frontier], where="post", color=FAINT, lw=1.2, zorder=1)
    _draw_entries(axis, entries, unit)
    axis.legend(loc="upper left", bbox_to_anchor=(1.01, 1.01), frameon=False, fontsize=9, labelcolor=INK)
    axis.set_xscale("log")
    times = [e.ms for e in entries]
    axis.set_xlim(min(times) / 1.5, max(times) * 1.5)
    axis.xaxis.set_major_locator(FixedLocator([t for t in _TICKS if min(times) / 1.5 <= t <= max(times) * 1.5]))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter("{x:g}")
    _set_error_axis(axis, entries)
    if learnt_nothing is not None:
        axis.axhline(learnt_nothing, color=FAINT, lw=1.0, ls="--", zorder=1)
        axis.text(max(times) * 1.45, learnt_nothing, "learnt nothing", color=FAINT, fontsize=8, ha="right", va="bottom")
    axis.set_xlabel("time for a frame at batch 1, ms; the line is the frontier", color=FAINT)
    axis.set_ylabel(measure, color=FAINT)
    style_axis(axis)
    figure.text(0.02, 0.95, title, color=INK, fontsize=13, weight="bold")
    figure.text(0.02, 0.88, note, color=FAINT, fontsize=9)
    return render(figure)


def _draw_entries(axis, entries, unit):
    """The nets with their intervals, the best first."""
    for number, entry in enumerate(sorted(entries, key=lambda e: e.error)):
        axis.errorbar(
            entry.ms,
            entry.error,
            [[max(0.0, entry.error - entry.low)], [max(0.0, entry.high - entry.error)]],
            fmt="o" if entry.ours else _MARKERS[number // len(RUN_COLORS) % len(_MARKERS)],
            ms=8 if entry.ours else 6,
            color=RUN_COLORS[number % len(RUN_COLORS)],
            capsize=3,
            lw=1.2,
            zorder=2,
            label=f"{entry.name}: {entry.ms:.3g} ms, {entry.error:.3g}{unit}",
        )


def _set_error_axis(axis, entries):
    """From zero, or logarithmic if the errors differ too much for that."""
    least, most = min(e.low for e in entries), max(e.high for e in entries)
    if most <= _WIDE * least:
        axis.set_ylim(0, 1.08 * most)
        return
    axis.set_yscale("log")
    axis.set_ylim(least / 1.3, most * 1.3)
    axis.yaxis.set_major_locator(FixedLocator([t for t in _TICKS if least / 1.3 <= t <= most * 1.3]))
    axis.yaxis.set_minor_locator(NullLocator())
    axis.yaxis.set_major_formatter("{x:g}")
