"""What `--pooling=auto` chose, and why, as a part of an evaluation's page."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from keras_pose.evaluation.page_tables import row, table
from keras_pose.runs.temporal_choice import CHOSEN_FLAGS

_SHOWN = 12


def choice_section(choice: Mapping[str, Any] | None) -> str:
    """Returns the part of the page, HTML; empty if nothing was chosen.

    Args:
      choice: the contents of `temporal_choice.json`, or None.
    """
    if choice is None:
        return ""
    unseen = "; ".join(f"{of['source']}: {of['groups']} groups, {of['frames']} frames" for of in choice["unseen"])
    lines = [f"Chosen by --pooling=auto: {choice['reason']}."]
    if choice["candidates"]:
        lines.append(
            f"Compared on frames that the net had not trained on ({unseen}). Figure: {choice['measure']}. Intervals: "
            "95 % over groups; a candidate is better than the single frame if its lower limit for all candidates at "
            "once is above zero."
        )
    if choice["validation_used"] and choice["candidates"]:
        lines.append("Validation frames were among them: figures on the validation set are slightly too good.")
    paragraphs = [f"<p>{html.escape(line)}</p>" for line in lines]
    return "\n".join(["<h2>Pooling</h2>", *paragraphs, _candidates_table(choice)])


def _candidates_table(choice):
    found = choice["candidates"]
    if not found:
        return ""
    single = choice["single_frame"]
    rows = [row("single frame", [_share(single["figure"]), _share(single["accuracy"]), "", "", "", ""])]
    # The best, and the chosen one if it is not among them.
    shown = [of for place, of in enumerate(found) if place < _SHOWN or _is_chosen(of, choice)]
    for place, of in enumerate(shown):
        low, high = of["interval"]
        kind = "good" if of["wins"] else "bad" if high < 0 else ""
        cells = [
            _share(of["figure"]),
            _share(of["accuracy"]),
            f'<span class="{kind}">{_points(of["difference"])}</span>',
            f"{_points(low)} to {_points(high)}",
            _points(of["lower_limit"]),
            f"{of['cost']:g}",
        ]
        reach = f"stride {of['frame_stride']}" if of["frame_stride"] else f"{of['window_seconds']:g} s"
        name = f"{of['pooling']}, n = {of['window']}, {reach}, flow {of['flow']}"
        rows.append(row(name + (" (chosen)" if _is_chosen(of, choice) else ""), cells, "" if place else "part"))
    head = ["candidate", "figure", "within 5 %", "difference", "interval", "lower limit for all", "cost"]
    more = len(found) - len(shown)
    return table(head, rows) + (f'<p class="faint">and {more} more in temporal_choice.json</p>' if more else "")


def _is_chosen(of, choice):
    return all(of[name] == choice[name] for name in CHOSEN_FLAGS)


def _share(value):
    return f"{100 * value:.1f} %"


def _points(value):
    return f"{100 * value:+.1f}"
