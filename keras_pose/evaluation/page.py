"""Builds the page of an evaluation: one HTML file that holds its style and pictures and needs no network."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose.evaluation import page_tables as tables
from keras_pose.evaluation.calibration_page import calibration_section
from keras_pose.evaluation.measure_table import label_of, number_key
from keras_pose.evaluation.page_tables import format_number, format_px, format_share, look_up
from keras_pose.evaluation.resampling import describe_interval
from keras_pose.evaluation.temporal_page import temporal_section
from keras_pose.viz.pictures import encode_png
from keras_pose.words import count

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --faint: #566171; --line: #dfe4ea; --paper: #f5f7f9;
  --card: #ffffff; --accent: #0062a0; --good: #00694a; --bad: #a83f00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf1; --faint: #a3aebc; --line: #343d49; --paper: #12161b;
  --card: #1b2129; --accent: #6cbcf0; --good: #4fd0a2; --bad: #ff9d66; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 40px 0 12px; }
p { max-width: 85ch; } .faint { color: var(--faint); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 12px; margin: 24px 0 0; }
.card, .table, figure { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.card { padding: 14px 16px; } .card b { display: block; font-size: 27px; line-height: 1.25; color: var(--accent); }
.card span, .range { color: var(--faint); font-size: 13px; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 15px; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 9px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { font-weight: 600; font-size: 14px; } thead th { color: var(--faint); vertical-align: bottom; white-space: normal; }
th:first-child, td.text { text-align: left; } tbody tr:last-child > * { border-bottom: 0; }
tr.part > * { border-top: 2px solid var(--line); } .range { display: block; font-weight: 400; }
.good { color: var(--good); font-weight: 600; } .bad { color: var(--bad); font-weight: 600; }
figure { margin: 24px 0 0; padding: 8px; background: #ffffff; } img { display: block; max-width: 100%; margin: 0 auto; }
"""


def build_page(
    title: str,
    scores: Mapping[str, dict[str, Any]],
    differences: Sequence[dict[str, Any]],
    pictures: Mapping[str, tuple[np.ndarray, str, str]],
    main_distance_px: float,
) -> str:
    """Builds the page.

    Args:
      title: str, heading.
      scores: dict name of run -> what `accuracy.score` returned.
      differences: list of what `bootstrap.paired_difference` returned, with "run" and "against"; may be empty.
      pictures: dict file name -> (uint8 RGB [H, W, 3], heading, text for people who cannot see it).
      main_distance_px: distance of the accuracy in the cards.

    Returns:
      str, a whole HTML document.
    """
    first, figures = next(iter(scores.items()))
    if len(scores) > 1:
        comparison = ["<h2>Runs</h2>", tables.runs_table(scores)]
        comparison += [f"<h2>Differences from {html.escape(first)}</h2>", tables.differences_table(differences)]
        parts = [_lead(figures), *comparison, *map(_figure, pictures.values()), *tables.joint_tables(scores)]
        parts += [_explanation(figures), *temporal_section(scores), *calibration_section(scores)]
    else:
        parts = [_lead(figures), _cards(figures, number_key(main_distance_px)), *tables.joint_tables(scores)]
        parts += [_explanation(figures), *temporal_section(scores), *calibration_section(scores)]
        parts += map(_figure, pictures.values())
    return build_document(title, "\n".join(parts))


def build_document(title: str, body: str) -> str:
    """Returns a whole HTML document in the style of the page.

    Args:
      title: heading.
      body: HTML that follows the heading.
    """
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style>"
    )
    body = f"<h1>{html.escape(title)}</h1>\n{body}"
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body><main>\n{body}\n</main></body></html>\n'


def add_sections(page: str, sections: str) -> str:
    """Returns a page with further HTML at its end."""
    head, main, tail = page.rpartition("</main>")
    return f"{head}{sections}\n{main}{tail}" if sections else page


def _figure(picture_heading_text):
    picture, heading, text = picture_heading_text
    data = base64.b64encode(encode_png(picture)).decode("ascii")
    label = html.escape(f"{heading}: {text}", quote=True)
    return f'<figure><img alt="{label}" src="data:image/png;base64,{data}"></figure>'


def _lead(figures):
    counts = (
        f"{count(figures['num_frames'], 'frame')} of {count(figures['num_clips'], 'clip')}, "
        f"{count(figures['num_labelled_joints'], 'labelled joint')}"
    )
    return f'<p class="faint">{counts}. Errors in pixels of the original frame.</p>'


def _cards(figures, distance):
    limits = figures["confidence_intervals"]
    reference = figures["pck"]["reference"]
    within = f"accuracy_px/{distance}"
    mean = "mean_error_px"
    pck = "pck/0.1"
    cards = [
        _card(label_of(within), look_up(figures, within), format_share, look_up(limits, within)),
        _card(label_of(mean), figures[mean], format_px, limits[mean]),
        _card("median error", figures["median_error_px"], format_px),
        _card(f"{label_of(pck)} of {reference}", look_up(figures, pck), format_share, look_up(limits, pck)),
        _card("jitter, mean second difference", figures["jitter_px"], format_px),
    ]
    if figures.get("train_mean_error_px") is not None:
        frames = count(figures["train_num_frames"], "frame")
        cards.insert(2, _card(f"mean error on {frames} of the training set", figures["train_mean_error_px"], format_px))
    return f'<div class="cards">{"".join(cards)}</div>'


def _card(label, value, form, limits=None):
    between = f"<br><span>{form(limits[0])} to {form(limits[1])}</span>" if limits else ""
    return f'<div class="card"><b>{form(value)}</b><span>{html.escape(label)}</span>{between}</div>'


def _explanation(figures):
    limits = figures["confidence_intervals"]
    sentences = [
        "Accuracies in % of the labelled joints: “within … px” counts those at most that far from the truth, "
        f"PCK those within a fraction of the reference length ({html.escape(figures['pck']['reference'])}).",
        "Errors and jitter in px. “Both” averages left and right.",
        f"Small figures: {describe_interval(limits)}",
        f"Area under the accuracy curve up to {figures['auc_max_px']:g} px: {format_number(figures['auc'])}.",
    ]
    if figures.get("num_frames_without_reference"):
        frames = count(figures["num_frames_without_reference"], "frame")
        sentences.append(f"PCK leaves out {frames} in which the reference is not labelled.")
    if figures.get("train_mean_error_px") is not None:
        sentences.append(
            "If the error is far above that of training frames, the net knows its own frames by heart: more labelled "
            "frames or stronger augmentation help most. If both are alike, more steps or a larger input do."
        )
    return f'<p class="faint">{" ".join(sentences)}</p>'
