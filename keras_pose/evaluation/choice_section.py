"""What `--pooling=auto` chose, and why, as a part of an evaluation's page."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from keras_pose.evaluation.page_tables import row, table
from keras_pose.evaluation.temporal_page import format_points
from keras_pose.runs.temporal_choice import CHOSEN_FLAGS

_SHOWN = 12
_HEAD = ("candidate", "figure, %", "within 5 %", "difference, points", "interval", "lower limit, all at once", "cost")
_FLAG = re.compile(r"--[\w=.]+")


def choice_section(choice: Mapping[str, Any] | None) -> str:
    """Returns the part of the page, HTML; empty if nothing was chosen.

    Args:
      choice: the contents of `temporal_choice.json`, or None.
    """
    if choice is None:
        return ""
    lines = [f"Chosen by --pooling=auto: {_name(choice)}. Reason: {choice['reason']}.", *_more(choice)]
    parts = ["<h2>Pooling</h2>", *(f"<p>{_escape(line)}</p>" for line in lines), _candidates_table(choice)]
    if choice["candidates"]:
        parts += [f'<p class="faint">{_escape(line)}</p>' for line in _explain(choice)]
    return "\n".join(parts)


def _more(choice):
    """How the choice compares with plain kinds, and what the training made of it."""
    rows = choice.get("against", [])
    against = [f"{of['pooling']} {_with_interval(of['difference'], of['interval'])}" for of in rows]
    lines = [f"Note: {choice['note']}."] if choice.get("note") else []
    if against:
        lines.append(f"Differences from plain kinds with the same window and flow: {'; '.join(against)}.")
    final = choice.get("final")
    if final is None:
        return lines
    change = f"training all together changed the figure by {format_points(final['trained_less_start'])} points"
    kept = "so the start, with the fitted pooling, was kept" if final["kept"] == "start" else "and was kept"
    found = _with_interval(final["difference"], final["interval"])
    return [
        *lines,
        f"At the end, on the validation set: {change}, {kept}. The difference from the single-frame net at the start "
        f"is {found}.",
    ]


def _explain(choice):
    unseen = "; ".join(f"{of['source']}: {of['groups']} groups, {of['frames']} frames" for of in choice["unseen"])
    lines = [
        f"Compared on frames that the net had not trained on ({unseen}). Figure: {choice['measure']}. Intervals: 95 % "
        "over groups, for one candidate alone. With many candidates one is good by chance, so a candidate is better "
        "than the single frame (green) only if its lower limit for all candidates at once is above zero; an orange one "
        "is worse by its interval. Of those within one standard error of the best (as good), the one of the lowest "
        "cost is chosen. Cost: per frame of a stream, in warps of one neighbour's maps."
    ]
    if choice["validation_used"]:
        lines.append("Validation frames were among them: figures on the validation set are slightly too good.")
    return lines


def _candidates_table(choice):
    found = choice["candidates"]
    if not found:
        return ""
    single = choice["single_frame"]
    of_single = [_share(single["figure"]), _share(single["accuracy"]), "", "", "", "0"]
    name = "single frame" + (" (chosen)" if choice["pooling"] == "none" else "")
    rows = [row(name, of_single)]
    # The best, and the chosen one if it is not among them.
    shown = [of for place, of in enumerate(found) if place < _SHOWN or _is_chosen(of, choice)]
    for place, of in enumerate(shown):
        low, high = of["interval"]
        kind = "good" if of["wins"] else "bad" if high < 0 else ""
        cells = [
            _share(of["figure"]),
            _share(of["accuracy"]),
            f'<span class="{kind}">{format_points(of["difference"])}</span>',
            f"{format_points(low)} to {format_points(high)}",
            format_points(of["lower_limit"]),
            f"{of['cost']:g}",
        ]
        rows.append(row(_name(of) + _mark(of, choice), cells, "" if place else "part"))
    more = len(found) - len(shown)
    return table(_HEAD, rows) + (f'<p class="faint">and {more} more in temporal_choice.json</p>' if more else "")


def _name(of):
    if of["pooling"] == "none":
        return "the single frame, no pooling"
    reach = f"stride {of['frame_stride']}" if of["frame_stride"] else f"{of['window_seconds']:g} s"
    return f"{of['pooling']}, n = {of['window']}, {reach}, flow {of['flow']}"


def _mark(of, choice):
    if _is_chosen(of, choice):
        return " (chosen)"
    return " (as good)" if of.get("as_good") else ""


def _is_chosen(of, choice):
    return all(of[name] == choice[name] for name in CHOSEN_FLAGS)


def _escape(line):
    """Escapes a line for HTML; no flag is broken after its hyphens."""
    return _FLAG.sub(lambda flag: f'<span style="white-space:nowrap">{flag[0]}</span>', html.escape(line))


def _with_interval(difference, interval):
    low, high = (format_points(value) for value in interval)
    return f"{format_points(difference)} points ({low} to {high})"


def _share(value):
    return f"{100 * value:.1f}"
