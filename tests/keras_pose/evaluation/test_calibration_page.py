"""The confidences on the page."""

import pytest

from keras_pose.evaluation import calibration_page

DIAGRAM = {
    "predicted": [0.2, 0.8],
    "observed": [0.3, 0.7],
    "low": [0.2, 0.6],
    "high": [0.4, 0.8],
    "counts": [50, 50],
}


def make_figures(on_these_frames=False):
    judged = {"ece": 0.0123, "ece_debiased": 0.0045, "brier": 0.0678, "diagram": DIAGRAM}
    return {
        "distance": 0.025,
        "num_frames": 20,
        "num_labelled_joints": 100,
        "share_within": 0.875,
        **judged,
        "uncalibrated": {**judged, "ece": 0.0987},
        "expected_errors": {
            "mean_expected": 0.02,
            "mean_error": 0.03,
            "expected": [0.01, 0.04],
            "observed": [0.02, 0.05],
            "counts": [50, 50],
        },
        "confidence_intervals": {
            "level": 0.95,
            "unit": "clips",
            "ece": [0.0111, 0.0222],
            "brier": None,
            "uncalibrated": {"ece": [0.0765, 0.1098], "brier": [0.05, 0.08]},
        },
        "fitted": {
            "num_frames": 16,
            "num_clips": 2,
            "num_labelled_joints": 128,
            "spread": 0.0,
            "on_these_frames": on_these_frames,
        },
    }


def test_the_table_has_the_calibrated_and_the_plain_score():
    text = "".join(calibration_page.calibration_section({"a": {"calibration": make_figures()}}))
    for part in ("<h2>Confidences</h2>", "0.012", "0.011–0.022", "0.099", "0.076–0.110", "87.5 %", "2.5 %"):
        assert part in text, part
    assert "128 joints in 16 validation frames" in text
    assert "2 bins" in text
    assert "too good" not in text


def test_frames_of_the_fit_are_named():
    section = calibration_page.calibration_section({"a": {"calibration": make_figures(True)}})
    assert "Some of these frames are among them, so the figures are too good." in section[-1]


def test_a_run_without_a_calibration_has_its_reason():
    scores = {"a<": {"calibration": make_figures()}, "b": {"calibration": {"reason": "no <scores>"}}}
    text = "".join(calibration_page.calibration_section(scores))
    assert "a&lt;: calibrated" in text
    assert "b: no calibrated confidences: no &lt;scores&gt;." in text
    assert "<table>" not in "".join(calibration_page.calibration_section({"b": scores["b"]}))


def test_nothing_is_said_of_what_was_not_asked():
    assert calibration_page.calibration_section({"a": {}}) == []


def test_the_picture_is_of_a_calibration():
    picture, heading, text = calibration_page.reliability_picture(make_figures(), "mine")
    assert picture.ndim == 3
    assert heading == "Reliability of confidences of mine"
    assert text
    assert calibration_page.reliability_picture(None) is None
    assert calibration_page.reliability_picture({"reason": "none"}) is None


@pytest.mark.parametrize("run", ["", "mine"])
def test_the_heading_names_the_run_only_beside_others(run):
    assert calibration_page.reliability_picture(make_figures(), run)[1].endswith(run or "confidences")
