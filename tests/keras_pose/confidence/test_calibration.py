"""Scores to probabilities and expected errors."""

import json

import numpy as np
import pytest

from keras_pose.confidence.calibration import Calibration

JOINTS = ("hand", "head")


def make(**changes):
    fields = {
        "joints": JOINTS,
        "distance": 0.025,
        "slopes": (1.0, 2.0),
        "intercepts": (0.0, -1.0),
        "near_errors": (0.01, 0.008),
        "far_errors": (0.2, 0.1),
        "lowest": 0.01,
        "num_frames": 5,
        "num_clips": 2,
        "num_labelled": 9,
    }
    return Calibration(**{**fields, **changes})


def test_probabilities_and_errors_by_hand():
    calibration = make()
    scores = np.array([[0.5, 0.5], [0.8, 0.8]])
    expected = [[0.5, 1 / (1 + np.e)], [0.8, 1 / (1 + np.exp(1 - 2 * np.log(4)))]]
    found = calibration.probabilities(scores)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    errors = calibration.expected_errors(scores)
    assert errors.dtype == np.float32
    near = np.array(expected)
    np.testing.assert_allclose(errors, near * [0.01, 0.008] + (1 - near) * [0.2, 0.1], rtol=1e-6)


def test_higher_scores_are_never_worth_less_and_all_stay_within_the_bounds():
    scores = np.repeat(np.concatenate([[-1, 0], np.linspace(0, 1.2, 50), [7]])[:, None], 2, axis=1)
    found = make().probabilities(scores)
    assert (np.diff(found, axis=0) >= 0).all()
    assert found.min() == np.float32(0.01)
    assert found.max() == np.float32(0.99)
    assert (np.diff(make().expected_errors(scores), axis=0) <= 0).all()


def test_no_score_gives_no_probability():
    found = make().probabilities([[np.nan, 0.5]])
    assert np.isnan(found).tolist() == [[True, False]]
    assert np.isnan(make().expected_errors([[np.nan, 0.5]])).tolist() == [[True, False]]


def test_any_leading_axes_and_only_the_right_number_of_joints():
    assert make().probabilities(np.full((3, 1, 2), 0.5)).shape == (3, 1, 2)
    assert make().probabilities(np.zeros((0, 2))).shape == (0, 2)
    with pytest.raises(ValueError, match=r"scores: expected \[..., 2\], received \[4, 3\]"):
        make().probabilities(np.zeros((4, 3)))


def test_description_in_px_of_the_region():
    found = make().describe(640)
    assert found["distance_px"] == 16
    assert found["distance"] == 0.025
    assert (found["num_frames"], found["num_clips"], found["num_labelled_joints"]) == (5, 2, 9)
    json.dumps(found)


def test_json_keeps_everything_and_later_fields_are_ignored():
    calibration = make(weights_sha256="ab")
    fields = json.loads(json.dumps(calibration.to_dict()))
    assert Calibration.from_dict({**fields, "of_a_later_version": 1}) == calibration


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"distance": 0}, "distance: expected a fraction of the longer side, above 0 and at most 1, received 0"),
        ({"distance": float("nan")}, "distance: expected a fraction"),
        ({"slopes": (1.0, -0.1)}, "slopes: expected numbers of 0 or more"),
        ({"intercepts": (1.0,)}, r"intercepts: expected 2 finite numbers, received \[1.0\]"),
        ({"far_errors": (1.0, float("inf"))}, "far_errors: expected 2 finite numbers"),
        ({"lowest": 0.5}, "lowest: expected a probability from 0 to below 0.5"),
    ],
)
def test_other_values_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        make(**changes)


@pytest.mark.parametrize("fields", [{}, {"joints": ["a"]}, [], "text"])
def test_other_json_is_refused(fields):
    with pytest.raises(ValueError, match="expected the fields of a calibration"):
        Calibration.from_dict(fields)
