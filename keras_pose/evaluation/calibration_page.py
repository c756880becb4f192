"""The confidences of runs on the page of an evaluation: a table, an explanation, and the reliability diagram."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose.confidence.reliability import Diagram
from keras_pose.evaluation import page_tables as tables
from keras_pose.viz.reliability import draw_reliability
from keras_pose.words import count

_HEAD = ("confidences", "calibration error", "less chance", "Brier score")


def calibration_section(scores: Mapping[str, dict[str, Any]]) -> list[str]:
    """Returns the heading, the table and the explanation (HTML) of the calibrations; nothing if none is known.

    Args:
      scores: dict name of run -> what `accuracy.score` returned, with "calibration".
    """
    known = {name: of["calibration"] for name, of in scores.items() if "calibration" in of}
    if not known:
        return []
    several = len(scores) > 1
    rows: list[str] = []
    notes = []
    for name, figures in known.items():
        title = f"{name}: " if several else ""
        if "reason" in figures:
            notes.append(f"{html.escape(title)}no calibrated confidences: {html.escape(figures['reason'])}.")
            continue
        limits = figures["confidence_intervals"]
        rows.append(_row(f"{title}calibrated", figures, limits, bool(rows)))
        rows.append(_row(f"{title}plain score", figures["uncalibrated"], limits["uncalibrated"]))
        notes.append(html.escape(title) + _explain(figures))
    table = [tables.table(_HEAD, rows)] if rows else []
    return ["<h2>Confidences</h2>", *table, *(f'<p class="faint">{note}</p>' for note in notes)]


def _row(name, figures, limits, part=False):
    cells = []
    for key in ("ece", "ece_debiased", "brier"):
        between = limits.get(key)
        text = ""
        if between:
            low, high = (tables.format_number(end) for end in between)
            text = f'<span class="range">{low}–{high}</span>'
        cells.append(tables.format_number(figures[key]) + text)
    return tables.row(name, cells, "part" if part else "")


def _explain(figures):
    fitted = figures["fitted"]
    errors = figures["expected_errors"]
    num_bins = len(figures["diagram"]["counts"])
    chance = "Chance alone makes it too high in small samples; “less chance” takes off what independent joints add."
    text = (
        f"A confidence is the probability that the joint lies within {100 * figures['distance']:g} % of the longer "
        f"side of the frame ({tables.format_share(figures['share_within'])} do). The calibration error is the mean "
        f"difference between confidence and share, in {count(num_bins, 'bin')} of equal numbers. "
        f"{chance} Mean error {tables.format_share(errors['mean_error'])} of that side, expected "
        f"{tables.format_share(errors['mean_expected'])}. Fitted to "
        f"{count(fitted['num_labelled_joints'], 'joint')} in "
        f"{count(fitted['num_frames'], 'validation frame')}, by which the weights were chosen."
    )
    warning = " Some of these frames are among them, so the figures are too good." if fitted["on_these_frames"] else ""
    return text + warning


def reliability_picture(figures: Mapping[str, Any] | None, run: str = "") -> tuple[np.ndarray, str, str] | None:
    """Draws the reliability diagram.

    Args:
      figures: the calibration part of metrics.json; None or without a calibration: no picture.
      run: name of the run for the heading, if there are several.

    Returns:
      (uint8 [H, W, 3], heading, text for people who cannot see it), for `report.write_report`; or None.
    """
    if figures is None or "reason" in figures:
        return None
    heading = "Reliability of confidences" + (f" of {run}" if run else "")
    note = (
        f"{count(figures['num_labelled_joints'], 'joint')}; bars: 95 % intervals as if joints were "
        "independent; on the line, confidences are right"
    )
    errors = figures["expected_errors"]
    picture = draw_reliability(
        _diagram(figures["diagram"]),
        _diagram(figures["uncalibrated"]["diagram"]),
        np.array(errors["expected"]),
        np.array(errors["observed"]),
        figures["distance"],
        heading,
        note,
    )
    return picture, heading, "Share of joints within the distance against confidence, and true against expected error"


def _diagram(lists: Mapping[str, Sequence]) -> Diagram:
    return Diagram(**{name: np.array(values) for name, values in lists.items()})
