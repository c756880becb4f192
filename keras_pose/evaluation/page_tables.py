"""The tables of an evaluation's page, as HTML: figures with their intervals, and differences between runs."""

from __future__ import annotations

import html

_COLUMNS = 5  # accuracies in a table


def joint_tables(scores) -> list[str]:
    """Returns headings and tables (list of str) of the joints of each run.

    Args:
      scores: dict name of run -> what `accuracy.score` returned.
    """
    parts = []
    for name, of in scores.items():
        heading = "Joints" if len(scores) == 1 else f"Joints: {html.escape(name)}"
        parts += [f"<h2>{heading}</h2>", _joints_table(of)]
    return parts


def _joints_table(figures):
    limits = figures["confidence_intervals"]
    total = {**figures, "num_labelled": figures["num_labelled_joints"]}
    rows = [_joint_row("all joints", total, limits)]
    pairs = {name: of for name, of in figures["groups"].items() if name not in figures["per_joint"]}
    for i, (name, of) in enumerate(pairs.items()):
        rows.append(_joint_row(f"{name} (both)", of, limits["groups"][name], part=i == 0))
    for i, (name, of) in enumerate(figures["per_joint"].items()):
        rows.append(_joint_row(name, of, limits["per_joint"][name], part=i == 0))
    distances = [f"{d} px" for d in _shown(figures["accuracy_px"])]
    fractions = [f"PCK {f}" for f in figures["pck"] if f != "reference"]
    return _table(["joint", "labelled", "mean error", "median", *distances, *fractions], rows)


def _joint_row(name, of, limits, part=False):
    cells = [
        str(of.get("num_labelled", "")),
        _with_range(of["mean_error_px"], limits["mean_error_px"], px),
        px(of["median_error_px"], "") if "median_error_px" in of else "",
    ]
    cells += _accuracy_cells(of, limits)
    fractions = {f: v for f, v in of.get("pck", {}).items() if f != "reference"}
    cells += [_with_range(v, limits["pck"][f], share) for f, v in fractions.items()]
    return _row(name.replace("_", " "), cells, "part" if part else "")


def _accuracy_cells(of, limits):
    of = of["accuracy_px"]
    return [_with_range(of[d], limits["accuracy_px"][d], share) for d in _shown(of)]


def _shown(accuracy):
    """Returns the distances that have room in a table, spread over all of them; metrics.json has every one."""
    keys = list(accuracy)
    if len(keys) <= _COLUMNS:
        return keys
    return [keys[round(i * (len(keys) - 1) / (_COLUMNS - 1))] for i in range(_COLUMNS)]


def runs_table(scores) -> str:
    """Returns the table (str) with a row per run.

    Args:
      scores: dict name of run -> what `accuracy.score` returned.
    """
    of_first = next(iter(scores.values()))
    rows = []
    for name, of in scores.items():
        limits = of["confidence_intervals"]
        cells = [_with_range(of["mean_error_px"], limits["mean_error_px"], px), px(of["median_error_px"], "")]
        cells += _accuracy_cells(of, limits)
        rows.append(_row(name, [*cells, px(of["jitter_px"], "")]))
    return _table(
        ["run", "mean error", "median", *(f"{d} px" for d in _shown(of_first["accuracy_px"])), "jitter"], rows
    )


def differences_table(differences) -> str:
    """Returns the table (str) of differences of runs from the first one; those whose interval leaves out 0 are marked.

    Args:
      differences: list of what `bootstrap.paired_difference` returned, with "run" and "against", at least one.
    """
    rows = []
    for i, of in enumerate(differences):
        error = of["metric"] == "mean_error_px"
        form, change = (px, _px_change) if error else (share, _points_change)
        kind = ""
        if of["significant"]:
            kind = "good" if (of["difference"] < 0) == error else "bad"
        between = f"{change(of['interval'][0])} to {change(of['interval'][1])}" if of["interval"] else "–"
        cells = [form(of["b"]), form(of["a"])]
        cells += [f'<span class="{kind}">{change(of["difference"])}</span>', between]
        first_of_run = i == 0 or differences[i - 1]["run"] != of["run"]
        what = (of["group"] or "all joints").replace("_", " ")
        name = f"{what}, {_metric_name(of['metric'])}"
        rows.append(_row(name, [html.escape(of["run"]), *cells], "part" if first_of_run and i else ""))
    return _table(["figure", "run", differences[0]["against"], "this run", "difference", "interval"], rows)


def _table(head, rows):
    cells = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    return f'<div class="table"><table><thead><tr>{cells}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _row(name, cells, kind=""):
    attribute = f' class="{kind}"' if kind else ""
    columns = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr{attribute}><th scope="row">{html.escape(name)}</th>{columns}</tr>'


def _with_range(value, limits, form):
    between = f'<span class="range">{form(limits[0], "")}–{form(limits[1], "")}</span>' if limits else ""
    return form(value, "") + between


def _metric_name(metric):
    head, _, tail = metric.partition("/")
    return {"accuracy_px": f"within {tail} px", "pck": f"PCK at {tail}", "mean_error_px": "mean error"}[head]


def count_of(number, noun):
    """Returns "1 clip", "2 clips"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def px(value, unit=" px"):
    """Returns a length as text, a dash for None."""
    return "–" if value is None else f"{value:.2f}{unit}"


def share(value, unit=" %"):
    """Returns a fraction as percent, a dash for None."""
    return "–" if value is None else f"{100 * value:.1f}{unit}"


def _px_change(value):
    return "–" if value is None else f"{value:+.2f} px".replace("-", "−")


def _points_change(value):
    return "–" if value is None else f"{100 * value:+.1f} points".replace("-", "−")


def plain(value):
    """Returns a number as text, a dash for None."""
    return "–" if value is None else f"{value:.3f}"
