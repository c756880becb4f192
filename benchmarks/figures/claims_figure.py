"""The figure of `claims`: the interval of each comparison beside zero, by claim, coloured by verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from benchmarks.claim_checks.findings import BELOW, HELD, NOT_HELD, POINTS, UNDECIDED, Finding, format_number
from keras_pose.viz.pictures import FAINT, INK, render

COLORS = {HELD: "#2a7f4f", NOT_HELD: "#b3372f", UNDECIDED: "#8a8f98"}
_MARKERS = {HELD: "o", NOT_HELD: "X", UNDECIDED: "D"}
_WIDTH_IN = 11.0
_ROW_IN = 0.235
_TEXT_SHARE = 0.5  # of the width
_WRAP = 76  # letters of a claim's heading in a line
_MOST_POINTS = 60.0  # beyond, an interval is cut and its figure tells
_GRID = "#e3e6ea"


def draw(found: Sequence[Finding], statements: Mapping[int, str]) -> np.ndarray:
    """Draws one row a comparison, turned so that what speaks for the claim lies on the right.

    Parts of other findings are left out, and figures that are not in points are written out.

    Args:
      found: the findings, by claim.
      statements: what each claim says, by number.

    Returns:
      uint8 [H, W, 3].

    Raises:
      ValueError: if there are no findings.
    """
    shown = [finding for finding in found if finding.main]
    if not shown:
        raise ValueError("expected at least one finding, received none")
    lines = _list_lines(shown, statements)
    height = _ROW_IN * len(lines) + 1.5
    figure = Figure(figsize=(_WIDTH_IN, height), dpi=120, facecolor="white")
    left = _TEXT_SHARE
    axis = figure.add_axes((left, 0.62 / height, 0.985 - left, 1 - 1.45 / height))
    limit = _choose_limit(shown)
    axis.set(xlim=(-limit, limit), ylim=(len(lines) - 0.4, -0.6))
    axis.axvline(0, color=INK, lw=1.2)
    for row, line in enumerate(lines):
        if isinstance(line, str):
            _write(figure, axis, 0.012, row, line, INK, "bold")
        else:
            _draw_finding(figure, axis, row, line, limit)
    _style(figure, axis, height)
    return render(figure)


def _list_lines(shown, statements):
    """Headings of the claims, as text, and their findings."""
    lines = []
    last = None
    for finding in shown:
        if finding.claim != last:
            lines += textwrap.wrap(f"{finding.claim}. {statements[finding.claim]}", _WRAP, subsequent_indent="    ")
            last = finding.claim
        lines.append(finding)
    return lines


def _choose_limit(shown):
    """The end of the axis: the largest end of an interval in points, within reason."""
    ends = [abs(end) for f in shown if f.unit == POINTS for end in (f.low, f.high, f.value) if end is not None]
    return 1.08 * min(max([*ends, 5.0]), _MOST_POINTS)


def _draw_finding(figure, axis, row, finding, limit):
    color = COLORS[finding.verdict]
    _write(figure, axis, 0.03, row, f"{finding.data}: {finding.what}", INK)
    if finding.unit != POINTS or abs(finding.value) > limit:
        axis.text(0.985 * limit, row, _describe(finding), ha="right", va="center", fontsize=8.5, color=color)
        return
    sign = -1 if finding.side == BELOW else 1
    ends = sorted(sign * (finding.value if end is None else end) for end in (finding.low, finding.high))
    axis.hlines(row, max(ends[0], -limit), min(ends[1], limit), color=color, lw=2.2)
    axis.plot(sign * finding.value, row, _MARKERS[finding.verdict], color=color, ms=5)


def _describe(finding):
    text = f"{format_number(finding.value, finding.unit)} {finding.unit}"
    if finding.low is not None and finding.high is not None:
        ends = [format_number(end, finding.unit) for end in (finding.low, finding.high)]
        text += f" ({ends[0]} to {ends[1]})"
    return f"{text}, claim: {finding.side} {finding.limit:g}" if finding.limit else text


def _write(figure, axis, x, row, text, color, weight="normal"):
    """Writes text left of the axis, at a fraction x of the figure's width, in line with a row."""
    place = axis.transData.transform((0, row))[1] / figure.bbox.height
    figure.text(x, place, text, va="center", fontsize=8.5, color=color, fontweight=weight, parse_math=False)


def _style(figure, axis, height):
    axis.set_yticks([])
    axis.tick_params(colors=FAINT, labelsize=8)
    axis.set_xlabel("percentage points in favour of the claim, 95 % interval", fontsize=9, color=INK)
    axis.grid(axis="x", color=_GRID, lw=0.7)
    axis.set_axisbelow(True)
    for side in ("top", "left", "right"):
        axis.spines[side].set_visible(False)
    figure.text(0.012, 1 - 0.25 / height, "The claims of the slides", fontsize=13, fontweight="bold", color=INK)
    for verdict, x in ((HELD, 0.012), (NOT_HELD, 0.07), (UNDECIDED, 0.155)):
        figure.text(x, 1 - 0.5 / height, verdict, fontsize=10, color=COLORS[verdict], fontweight="bold")
    note = "right of zero: as the slides say; figures in other units, or beyond the axis, are written out"
    figure.text(_TEXT_SHARE, 1 - 0.5 / height, note, fontsize=8.5, color=FAINT)
