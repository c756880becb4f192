"""The tables of an evaluation's page, as HTML: figures with their intervals, and differences between runs.

Each measure of `measure_table` whose `in_tables` holds gets its columns; the median error stands beside the mean error.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keras_pose.evaluation.measure_table import MEASURES, find_measure, label_of

_LEVELS = 5  # columns of one measure, at most


def joint_tables(scores: Mapping[str, dict[str, Any]]) -> list[str]:
    """Returns headings and tables (list of str) of the joints of each run.

    Args:
      scores: dict name of run -> what `accuracy.score` returned.
    """
    parts = []
    for name, figures in scores.items():
        heading = "Joints" if len(scores) == 1 else f"Joints: {html.escape(name)}"
        parts += [f"<h2>{heading}</h2>", _joints_table(figures)]
    return parts


def _joints_table(figures):
    limits = figures["confidence_intervals"]
    keys = _keys_in_tables(figures)
    total = {**figures, "num_labelled": figures["num_labelled_joints"]}
    rows = [_joint_row("all joints", total, limits, keys)]
    pairs = {name: of for name, of in figures["groups"].items() if name not in figures["per_joint"]}
    for i, (name, of) in enumerate(pairs.items()):
        rows.append(_joint_row(f"{name} (both)", of, limits["groups"][name], keys, part=i == 0))
    for i, (name, of) in enumerate(figures["per_joint"].items()):
        rows.append(_joint_row(name, of, limits["per_joint"][name], keys, part=i == 0))
    return table(["joint", "labelled", *_headings(keys)], rows)


def _joint_row(name, figures, limits, keys, part=False):
    cells = [str(figures.get("num_labelled", "")), *_figure_cells(figures, limits, keys)]
    return row(name.replace("_", " "), cells, "part" if part else "")


def runs_table(scores: Mapping[str, dict[str, Any]]) -> str:
    """Returns the table (str) with a row per run.

    Args:
      scores: dict name of run -> what `accuracy.score` returned.
    """
    keys = _keys_in_tables(next(iter(scores.values())))
    rows = []
    for name, figures in scores.items():
        cells = _figure_cells(figures, figures["confidence_intervals"], keys)
        rows.append(row(name, [*cells, format_px(figures["jitter_px"], "")]))
    return table(["run", *_headings(keys), "jitter"], rows)


def differences_table(differences: Sequence[dict[str, Any]]) -> str:
    """Returns the table (str) of differences of runs from the first one; those whose interval leaves out 0 are marked.

    Args:
      differences: list of what `bootstrap.paired_difference` returned, with "run" and "against", at least one.
    """
    rows = []
    for i, of in enumerate(differences):
        measure = find_measure(of["metric"])
        form, change = _FORMS[measure.unit]
        kind = ""
        if of["significant"]:
            kind = "good" if (of["difference"] < 0) == measure.lower_is_better else "bad"
        between = f"{change(of['interval'][0])} to {change(of['interval'][1])}" if of["interval"] else "–"
        cells = [form(of["b"]), form(of["a"])]
        cells += [f'<span class="{kind}">{change(of["difference"])}</span>', between]
        first_of_run = i == 0 or differences[i - 1]["run"] != of["run"]
        group = (of["group"] or "all joints").replace("_", " ")
        name = f"{group}, {label_of(of['metric'])}"
        rows.append(row(name, [html.escape(of["run"]), *cells], "part" if first_of_run and i else ""))
    return table(["figure", "run", differences[0]["against"], "this run", "difference", "interval"], rows)


def _keys_in_tables(figures):
    """Returns the keys that have columns. If a measure has many levels, some are chosen; metrics.json has them all."""
    keys = []
    for name, measure in MEASURES.items():
        if name not in figures or not measure.in_tables:
            continue
        if not measure.levels:
            keys.append(name)
            continue
        levels = [level for level in figures[name] if level != "reference"]
        if len(levels) > _LEVELS:
            levels = [levels[round(i * (len(levels) - 1) / (_LEVELS - 1))] for i in range(_LEVELS)]
        keys += [f"{name}/{level}" for level in levels]
    return keys


def _headings(keys):
    headings = []
    for key in keys:
        headings += [label_of(key), "median"] if key == "mean_error_px" else [label_of(key)]
    return headings


def _figure_cells(figures, limits, keys):
    cells = []
    for key in keys:
        form, _ = _FORMS[find_measure(key).unit]
        between = look_up(limits, key)
        text = f'<span class="range">{form(between[0], "")}–{form(between[1], "")}</span>' if between else ""
        cells.append(form(look_up(figures, key), "") + text)
        if key == "mean_error_px":
            cells.append(format_px(figures["median_error_px"], "") if "median_error_px" in figures else "")
    return cells


def look_up(figures: Mapping[str, Any], key: str) -> Any:
    """Returns what nested figures or intervals hold for a key: of "accuracy_px/6", `figures["accuracy_px"]["6"]`."""
    name, _, level = key.partition("/")
    return figures[name][level] if level else figures[name]


def table(head: Sequence[str], rows: Sequence[str]) -> str:
    """Returns a table of headings and rows."""
    # Headings wrap, but not between a number and its unit.
    names = [html.escape(name).replace(" px", "&nbsp;px").replace(" %", "&nbsp;%") for name in head]
    cells = "".join(f'<th scope="col">{name}</th>' for name in names)
    return f'<div class="table"><table><thead><tr>{cells}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def row(name: str, cells: Sequence[str], kind: str = "") -> str:
    """Returns a row of a table: its name, and cells that are HTML already."""
    attribute = f' class="{kind}"' if kind else ""
    columns = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr{attribute}><th scope="row">{html.escape(name)}</th>{columns}</tr>'


def format_px(value: float | None, unit: str = " px") -> str:
    """Returns a length as text, a dash for None."""
    return "–" if value is None else f"{value:.2f}{unit}"


def format_share(value: float | None, unit: str = " %") -> str:
    """Returns a fraction as percent, a dash for None."""
    return "–" if value is None else f"{100 * value:.1f}{unit}"


def format_number(value: float | None, unit: str = "") -> str:
    """Returns a number as text, a dash for None."""
    return "–" if value is None else f"{value:.3f}{unit}"


def _px_change(value):
    return "–" if value is None else f"{value:+.2f} px".replace("-", "−")


def _points_change(value):
    return "–" if value is None else f"{100 * value:+.1f} points".replace("-", "−")


def _number_change(value):
    return "–" if value is None else f"{value:+.3f}".replace("-", "−")


# By the unit of a measure: how a figure and how a difference of two is written.
_FORMS: dict[str, tuple[Callable[..., str], Callable[..., str]]] = {
    "px": (format_px, _px_change),
    "%": (format_share, _points_change),
    "": (format_number, _number_change),
}
