"""The table of measures: one more entry appears in metrics.json and on the page."""

import dataclasses
import html
import json
import re

import numpy as np
import pytest

from keras_pose.evaluation import bootstrap, measure_table
from keras_pose.evaluation.measure_table import MEASURES, Measure, MeasureOptions, ScoredClip, list_columns
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.evaluation.report import write_report
from keras_pose.skeleton import UPPER_BODY, Skeleton

SHOULDERS = {"left_shoulder", "right_shoulder"}
PAIR = Skeleton("pair", ("a", "b"))

NEAR_SHOULDERS = Measure(
    lambda clip: clip.within(0.1 * clip.lengths_px("shoulders")),
    label="within 10 % of the shoulders' width",
    unit="%",
    applies_to=lambda skeleton: set(skeleton.joints) >= SHOULDERS,
)
BOUNDED_ERROR = Measure(
    lambda clip: np.minimum(clip.errors_px, 5.0), label="error, 5 px at most", unit="px", lower_is_better=True
)


def make_run(shift_px, skeleton=UPPER_BODY):
    """Two clips of two frames; shoulders 40 px apart; joint j is off by `shift_px` + j."""
    run = []
    for name in ("c0", "c1"):
        joints = skeleton.num_joints
        truth = np.tile(np.arange(joints * 2, dtype=np.float64).reshape(joints, 2), (2, 1, 1))
        if skeleton is UPPER_BODY:
            truth[:, skeleton.index("left_shoulder")] = (50, 20)
            truth[:, skeleton.index("right_shoulder")] = (10, 20)
        predicted = truth.copy()
        predicted[..., 1] += shift_px + np.arange(joints)
        labels = np.full((2, joints), 2)
        run.append(ClipPredictions(name, np.arange(2), predicted, labels, truth, labels, (60, 80)))
    return run


def write_metrics(folder, runs, skeleton=UPPER_BODY):
    write_report(folder, runs, skeleton, resamples=1000)
    page = html.unescape((folder / "index.html").read_text("utf-8")).replace("\u00a0", " ")
    return json.loads((folder / "metrics.json").read_text("utf-8")), page


def test_one_more_entry_appears_in_metrics_and_on_the_page(tmp_path, monkeypatch):
    before, page_before = write_metrics(tmp_path / "before", {"run": make_run(0)})
    monkeypatch.setitem(MEASURES, "near_shoulders", NEAR_SHOULDERS)
    monkeypatch.setitem(MEASURES, "bounded_error_px", BOUNDED_ERROR)
    after, page = write_metrics(tmp_path / "after", {"run": make_run(0)})
    # Joints are off by 0 to 6 px, the limit is 4 px.
    assert after["near_shoulders"] == pytest.approx(5 / 7)
    assert after["bounded_error_px"] == pytest.approx((0 + 1 + 2 + 3 + 4 + 5 + 5) / 7)
    last = UPPER_BODY.joints[6]
    assert after["per_joint"][last]["near_shoulders"] == 0
    assert after["groups"]["wrist"]["near_shoulders"] == 1
    limits = after["confidence_intervals"]
    assert limits["near_shoulders"] == pytest.approx([5 / 7, 5 / 7])
    assert limits["per_joint"][last]["bounded_error_px"] == [5, 5]
    assert limits["groups"]["wrist"]["near_shoulders"] == [1, 1]
    for label in ("within 10 % of the shoulders' width", "error, 5 px at most"):
        assert label in page
        assert label not in page_before
    assert ">71.4<" in page

    # Everything else is as it was.
    for name in ("near_shoulders", "bounded_error_px"):
        del after[name], limits[name]
        for part in (after["per_joint"], after["groups"], limits["per_joint"], limits["groups"]):
            for figures in part.values():
                del figures[name]
    assert after == before


def test_new_measure_stands_in_the_table_of_runs_and_can_be_compared(tmp_path, monkeypatch):
    monkeypatch.setitem(MEASURES, "near_shoulders", NEAR_SHOULDERS)
    runs = {"a": make_run(0), "b": make_run(2)}
    metrics, page = write_metrics(tmp_path, runs)
    assert metrics["runs"]["b"]["near_shoulders"] == pytest.approx(3 / 7)
    table = page[page.index("<h2>Runs</h2>") : page.index("<h2>Differences")]
    assert "within 10 % of the shoulders" in table
    assert ">42.9<" in table
    found = bootstrap.paired_difference(runs["a"], runs["b"], "near_shoulders", UPPER_BODY, resamples=1000)
    assert found["difference"] == pytest.approx(2 / 7)


def test_measure_that_does_not_apply_to_the_skeleton_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setitem(MEASURES, "near_shoulders", NEAR_SHOULDERS)
    metrics, page = write_metrics(tmp_path, {"run": make_run(1, PAIR)}, PAIR)
    assert "near_shoulders" not in metrics
    assert "shoulders" not in page


def test_errors_and_shares_within_a_distance_are_told_apart_by_visibility_too(tmp_path, monkeypatch):
    monkeypatch.setitem(MEASURES, "near_shoulders", NEAR_SHOULDERS)
    metrics, _ = write_metrics(tmp_path, {"run": make_run(0)})
    (visible,) = [figures for figures in metrics["by_visibility"].values() if figures["num_labelled_joints"]]
    assert {key for key in visible if key in MEASURES} == {"mean_error_px", "accuracy_px"}
    assert {"pck", "auc", "near_shoulders"} < metrics.keys()


def test_the_area_under_the_curve_is_a_figure_without_a_column(tmp_path):
    metrics, page = write_metrics(tmp_path, {"run": make_run(0)})
    assert metrics["auc"] > 0
    tables = "".join(re.findall("<table.*?</table>", page, re.DOTALL))
    assert MEASURES["mean_error_px"].label in tables
    assert MEASURES["auc"].label not in tables


def test_rows_and_options_are_constant():
    scored = ScoredClip(make_run(0, PAIR)[0], PAIR, MeasureOptions(), np.zeros((2, 2)))
    for row in (NEAR_SHOULDERS, MeasureOptions(), scored):
        first = dataclasses.fields(row)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(row, first, None)


def test_measures_without_what_they_need_are_left_out():
    assert [key for key, _ in list_columns(PAIR, MeasureOptions())] == ["mean_error_px"]
    options = MeasureOptions((6,), None, (0.1,), 8)
    assert [key for key, _ in list_columns(PAIR, options)] == ["mean_error_px", "accuracy_px/6", "auc"]


def test_share_within_a_limit_counts_equality_and_leaves_out_unknown_limits():
    clip = make_run(0, PAIR)[0]
    scored = ScoredClip(clip, PAIR, MeasureOptions(), np.array([[2.0, 3.0], [2.0, 3.0]]))
    np.testing.assert_array_equal(scored.within(2), [[1, 0], [1, 0]])
    np.testing.assert_array_equal(scored.within(np.array([[3.0], [np.nan]])), [[1, 1], [np.nan, np.nan]])
    np.testing.assert_array_equal(scored.lengths_px("frame"), [[80], [80]])


def test_pck_is_the_share_within_a_fraction_of_the_reference_length():
    clip = make_run(0, PAIR)[0]  # errors of 0 and 1 px in frames 80 px wide
    options = MeasureOptions(pck_reference="frame", pck_fractions=(0.012, 0.0126))
    scored = ScoredClip(clip, PAIR, options, np.array([[0.0, 1.0], [0.0, 1.0]]))
    right = [MEASURES["pck"].values(scored, fraction)[0].tolist() for fraction in options.pck_fractions]
    assert right == [[1, 0], [1, 1]]


def test_key_in_words_and_its_options():
    assert measure_table.label_of("accuracy_px/6") == "within 6 px"
    assert measure_table.label_of("mean_error_px") == "mean error"
    assert measure_table.options_for("accuracy_px/6", "frame", None) == {"distances_px": (6.0,)}
    assert measure_table.options_for("pck/0.1", "frame", None) == {"pck_reference": "frame", "pck_fractions": (0.1,)}
    assert measure_table.options_for("auc", "frame", 8) == {"auc_max_px": 8}
    assert measure_table.options_for("mean_error_px", None, None) == {}
    assert [measure_table.number_key(n) for n in (6, 6.0, 0.05)] == ["6", "6", "0.05"]


@pytest.mark.parametrize("key", ["speed", "accuracy_px", "accuracy_px/x", "auc/3", "mean_error_px/6", ""])
def test_unknown_key_is_refused_and_known_ones_are_listed(key):
    with pytest.raises(
        ValueError, match=f"unknown metric '{key}', expected one of mean_error_px, accuracy_px/<number>, .*auc"
    ):
        measure_table.options_for(key, "frame", 8)
