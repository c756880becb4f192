"""The part of an evaluation's page that says what pooling over frames gains, as HTML."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from keras_pose.evaluation import page_tables as tables
from keras_pose.evaluation.temporal_kinds import FAST, KINDS

_HEAD = ("joints", "labelled", "frame alone", "pooled", "gain", "interval")


def temporal_section(scores: Mapping[str, dict[str, Any]]) -> list[str]:
    """Returns headings, tables and explanations (HTML) of the runs that pool; nothing if none does.

    Args:
      scores: dict name of run -> what `accuracy.score` returned, with "temporal_gain" if the run pools.
    """
    parts = []
    for name, of in scores.items():
        if "temporal_gain" in of:
            heading = "Pooled against the frame alone" + (f": {html.escape(name)}" if len(scores) > 1 else "")
            figures = of["temporal_gain"]
            parts += [f"<h2>{heading}</h2>", tables.table(_HEAD, _rows(figures)), _explain(figures)]
    return parts


def _rows(figures):
    rows = [_row(text, figures["kinds"][kind]) for kind, text in KINDS.items() if kind in figures["kinds"]]
    for i, (name, of) in enumerate(figures["groups"].items()):
        rows.append(_row(f"{name.replace('_', ' ')}", of, "part" if i == 0 else ""))
    return rows


def _row(name, of, kind=""):
    if of["gain"] is None:
        return tables.row(name, ["0", *["–"] * 4], kind)
    low, high = of["interval"]
    mark = "good" if low > 0 else "bad" if high < 0 else ""
    cells = [
        str(of["num_labelled"]),
        tables.format_share(of["single"], ""),
        tables.format_share(of["pooled"], ""),
        f'<span class="{mark}">{format_points(of["gain"])}</span>',
        f"{format_points(low)} to {format_points(high)}",
    ]
    return tables.row(name, cells, kind)


def format_points(value: float) -> str:
    """Returns a difference of fractions in points, with its sign."""
    points = round(100 * value, 1)
    return f"{points:+.1f}".replace("-", "−") if points else "0.0"


def _explain(figures):
    jitter = figures["jitter_px"]
    sentences = [
        f"Accuracy within {100 * figures['tolerance']:g} % of the frame's longer side, in %, and gain in points; "
        f"intervals resample {figures['unit']}. The same weights predict both, the frame alone from its own map. "
        "A joint may be of several kinds: those that the frame alone gets wrong can only gain, those that it "
        f"gets right can only lose. Fast joints move by more than {100 * FAST:g} % of the longer side a frame.",
        "A joint is mostly wrong around a frame if it is wrong in more than half of the other labelled frames of the "
        f"window ({figures['reach']} frames on both sides); neighbours can hardly repair that.",
    ]
    if jitter["ratio"] is not None:
        sentences.append(
            f"Over {figures['num_frames']} consecutive frames, jitter is {tables.format_px(jitter['pooled'])}, "
            f"{jitter['ratio']:.2f} times that of the frame alone ({tables.format_px(jitter['single'])})."
        )
    lags = figures["lag_frames"]
    for name, text in (("behind_labels", "labels"), ("behind_single", "positions from the frame alone")):
        if lags[name] is not None:
            ahead = "behind" if lags[name] >= 0 else "ahead of"
            sentences.append(f"Pooled positions are {abs(lags[name]):.2f} frames {ahead} the {text}.")
    return f'<p class="faint">{" ".join(sentences)}</p>'
