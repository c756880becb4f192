"""The figures of metrics.json, against cases computed by hand."""

import json

import numpy as np
import pytest

from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.evaluation.accuracy import jitter_px, score
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import UPPER_BODY, Skeleton

HANDS = Skeleton("hands", ("nose", "left_wrist", "right_wrist"), flip_pairs=(("left_wrist", "right_wrist"),))


def make_clip(shifts, name="clip", hidden=(), frames=None, size_hw=(60, 100)):
    """A clip whose prediction is `shifts` [N, J] px right of the truth; NaN: unlabelled; `hidden`: (row, joint)s."""
    shifts = np.asarray(shifts, np.float32)
    truth = np.random.default_rng(len(name)).integers(0, 50, (*shifts.shape, 2)).astype(np.float32)
    predicted = truth.copy()
    predicted[..., 0] += np.nan_to_num(shifts)
    missing = np.isnan(shifts)
    truth[missing] = np.nan
    visibility = np.where(missing, UNLABELLED, VISIBLE)
    for row, joint in hidden:
        visibility[row, joint] = 1
    frames = np.arange(len(shifts)) if frames is None else frames
    return ClipPredictions(name, frames, predicted, np.ones(shifts.shape), truth, visibility, size_hw)


def test_perfect_predictions_have_no_error_and_full_accuracy():
    scores = score([make_clip(np.zeros((4, 3))), make_clip(np.zeros((2, 3)), "other")], HANDS)
    assert (scores["mean_error_px"], scores["median_error_px"], scores["auc"]) == (0, 0, 1)
    assert set(scores["accuracy_px"].values()) == {1.0}
    assert scores["pck"] == {"reference": "frame", "0.05": 1.0, "0.1": 1.0, "0.2": 1.0}
    assert scores["confidence_intervals"]["mean_error_px"] == [0, 0]


def test_known_shifts_give_the_figures_computed_by_hand():
    nan = np.nan
    clips = [make_clip([[0, 4, 6], [2, nan, 12]]), make_clip([[nan, nan, nan], [30, nan, 3]], "second")]
    scores = score(clips, HANDS, distances_px=(2, 6))
    # Labelled errors: 0 4 6 2 12 30 3; frame side 100, so PCK at 5, 10 and 20 px and the curve's area up to 10 px.
    assert (scores["num_frames"], scores["num_clips"], scores["num_labelled_joints"]) == (3, 2, 7)
    assert scores["mean_error_px"] == pytest.approx(57 / 7)
    assert scores["median_error_px"] == 4
    assert scores["accuracy_px"] == pytest.approx({"2": 2 / 7, "6": 5 / 7})
    assert scores["pck"] == pytest.approx({"reference": "frame", "0.05": 4 / 7, "0.1": 5 / 7, "0.2": 6 / 7})
    assert scores["auc_max_px"] == 10
    assert scores["auc"] == pytest.approx((1 + 0.6 + 0.4 + 0.8 + 0 + 0 + 0.7) / 7)
    right = scores["per_joint"]["right_wrist"]
    assert right["mean_error_px"] == pytest.approx(7)
    assert right["median_error_px"] == 6
    assert right["accuracy_px"] == pytest.approx({"2": 0, "6": 2 / 3})
    # A group averages its joints: left 1/1, right 2/3.
    assert scores["groups"]["wrist"]["accuracy_px"]["6"] == pytest.approx(5 / 6)
    assert scores["groups"]["nose"]["mean_error_px"] == pytest.approx(32 / 3)


def test_area_equals_the_mean_of_a_finely_sampled_curve():
    errors = np.random.default_rng(0).exponential(4, (50, 3)).astype(np.float32)
    clip = make_clip(errors)
    grid = np.linspace(0, 12, 20001)
    curve = (clip.errors_px().ravel()[:, None] <= grid).mean(0)
    assert score([clip], HANDS, auc_max_px=12)["auc"] == pytest.approx(curve.mean(), abs=1e-3)


def test_pck_leaves_out_frames_whose_reference_is_unlabelled():
    clip = make_clip([[50, 0, 0], [50, np.nan, 0]])
    clip.truth[0, 1], clip.truth[0, 2] = (10, 10), (50, 40)  # wrists 50 px apart, predictions follow
    clip.predicted[0, 1], clip.predicted[0, 2] = (10, 10), (50, 40)
    scores = score([clip], HANDS, pck_reference="left_wrist,right_wrist", pck_fractions=(0.9, 1))
    assert scores["pck"] == {"reference": "left_wrist,right_wrist", "0.9": pytest.approx(2 / 3), "1": 1.0}
    assert scores["per_joint"]["nose"]["pck"] == {"0.9": 0.0, "1": 1.0}


def test_nothing_labelled_gives_null_and_valid_json():
    scores = score([make_clip(np.full((3, 3), np.nan))], HANDS, distances_px=(6,))
    text = json.dumps(scores, allow_nan=False)
    assert json.loads(text) == scores
    assert scores["num_frames"] == 0
    for key in ("mean_error_px", "median_error_px", "auc"):
        assert scores[key] is None
    assert scores["accuracy_px"] == {"6": None}
    assert scores["pck"]["0.2"] is None
    assert scores["per_joint"]["nose"] == {
        "mean_error_px": None,
        "median_error_px": None,
        "accuracy_px": {"6": None},
        "pck": {"0.05": None, "0.1": None, "0.2": None},
        "auc": None,
        "num_labelled": 0,
    }
    assert scores["confidence_intervals"]["accuracy_px"] == {"6": None}
    assert scores["confidence_intervals"]["groups"]["wrist"]["mean_error_px"] is None


def test_joint_that_is_never_labelled_is_null_beside_others():
    scores = score([make_clip([[1, np.nan, 3]])], HANDS)
    assert scores["per_joint"]["left_wrist"]["mean_error_px"] is None
    assert scores["groups"]["wrist"]["mean_error_px"] == 3
    json.dumps(scores, allow_nan=False)


def test_hidden_joints_count_and_are_told_apart():
    scores = score([make_clip([[0, 4, 8]], hidden=[(0, 2)])], HANDS, distances_px=(6,))
    assert scores["accuracy_px"]["6"] == pytest.approx(2 / 3)
    assert scores["by_visibility"] == {
        "visible": {"num_labelled_joints": 2, "mean_error_px": 2.0, "accuracy_px": {"6": 1.0}},
        "hidden": {"num_labelled_joints": 1, "mean_error_px": 8.0, "accuracy_px": {"6": 0.0}},
    }


def test_jitter_is_the_second_difference_over_runs_of_three_frames():
    still = make_clip(np.zeros((5, 1)), frames=[0, 1, 2, 10, 11])
    still.predicted[:, 0] = [[0, 0], [3, 4], [0, 0], [500, 0], [0, 500]]
    assert jitter_px([still]) == pytest.approx(10)
    moving = make_clip(np.zeros((6, 1)))
    moving.predicted[:, 0] = np.arange(6)[:, None] * [2.0, 1.0]
    assert jitter_px([moving]) == 0
    assert jitter_px([make_clip(np.zeros((4, 1)), frames=[0, 2, 4, 6]), make_clip(np.zeros((2, 1)), "b")]) is None
    assert jitter_px([make_clip(np.zeros((0, 1)))]) is None


def test_errors_are_named():
    clip = make_clip(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="expected the 7 joints of skeleton 'upper_body', received 3"):
        score([clip], UPPER_BODY)
    with pytest.raises(ValueError, match="unknown pck_reference 'leg'"):
        score([clip], HANDS, pck_reference="leg")
    with pytest.raises(ValueError, match="at least 1000 resamples, received 10"):
        score([clip], HANDS, resamples=10)
    with pytest.raises(ValueError, match="distances_px: expected at least one distance"):
        score([clip], HANDS, distances_px=())
    with pytest.raises(ValueError, match="at least one clip"):
        score([], HANDS)
