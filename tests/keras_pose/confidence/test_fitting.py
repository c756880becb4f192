"""The fit of a calibration, on labels whose true probabilities are known."""

import numpy as np
import pytest

from keras_pose.confidence import fitting
from keras_pose.confidence.calibration import logit, sigmoid

JOINTS = ("head", "left", "right", "hip")
DISTANCE = 0.025
SLOPES = np.array([1.5, 1.0, 1.0, 0.0])
INTERCEPTS = np.array([1.0, -1.5, -1.5, 0.5])


def draw(num_clips=100, frames=5, seed=0, intercepts=INTERCEPTS):
    """Returns scores, errors, clips and true probabilities."""
    rng = np.random.default_rng(seed)
    scores = rng.uniform(0.05, 0.98, (num_clips * frames, 4))
    probabilities = sigmoid(SLOPES * logit(scores) + intercepts)
    near = rng.random(scores.shape) < probabilities
    errors = np.where(near, rng.uniform(0, 0.02, scores.shape), rng.uniform(0.03, 0.3, scores.shape))
    return scores, errors, np.repeat(np.arange(num_clips), frames), probabilities


def test_true_probabilities_and_errors_are_found():
    scores, errors, clips, _ = draw(400)
    calibration = fitting.fit(JOINTS, scores, errors, clips, DISTANCE, weights_sha256="12")
    fresh, _, _, true = draw(seed=1)
    assert np.abs(calibration.probabilities(fresh) - true).mean() < 0.02
    assert np.abs(calibration.expected_errors(fresh) - (true * 0.01 + (1 - true) * 0.165)).mean() < 0.005
    assert calibration.spread > 0
    assert (calibration.num_frames, calibration.num_clips, calibration.num_labelled) == (2000, 400, 8000)
    assert calibration.lowest == 1 / 8002
    assert calibration.weights_sha256 == "12"


def test_left_and_right_share_a_fit_unless_they_differ():
    pairs = [("left", "right")]
    alike = fitting.fit(JOINTS, *draw()[:3], DISTANCE, pairs)
    assert alike.slopes[1] == alike.slopes[2]
    assert alike.far_errors[1] == alike.far_errors[2]
    assert fitting.fit(JOINTS, *draw()[:3], DISTANCE).slopes[1] != alike.slopes[1]
    other = fitting.fit(JOINTS, *draw(intercepts=np.array([1, -3, 1, 0.5]))[:3], DISTANCE, pairs)
    assert other.intercepts[1] < other.intercepts[2] - 2


def test_few_clips_share_one_fit_and_a_joint_without_labels_has_it_too():
    scores, errors, clips, _ = draw(3, 12)
    errors[:, 3] = np.nan
    calibration = fitting.fit(JOINTS, scores, errors, clips, DISTANCE)
    assert calibration.spread == 0
    assert len(set(calibration.slopes)) == len(set(calibration.intercepts)) == 1
    assert calibration.num_labelled == 3 * 36


def test_joints_with_few_labels_stay_near_the_shared_fit():
    scores, errors, clips, _ = draw()
    few = errors.copy()
    few[3:, 0] = np.nan
    apart = [
        abs(found.intercepts[0] - np.mean(found.intercepts[1:]))
        for found in (fitting.fit(JOINTS, scores, e, clips, DISTANCE) for e in (errors, few))
    ]
    assert apart[1] < 0.5 * apart[0]


def test_a_score_that_says_nothing_or_the_opposite_counts_for_nothing():
    scores, _, clips, _ = draw(20)
    rng = np.random.default_rng(2)
    against = np.where(rng.random(scores.shape) < scores, 0.2, 0.01)
    calibration = fitting.fit(JOINTS, scores, against, clips, DISTANCE)
    assert calibration.slopes == (0.0,) * 4
    found = calibration.probabilities(scores)
    assert np.ptp(found[:, 0]) == 0
    assert abs(found.mean() - (against <= DISTANCE).mean()) < 0.02


@pytest.mark.parametrize(("error", "side"), [(0.01, 1), (0.2, 0)])
def test_labels_that_are_all_right_or_all_wrong_give_no_certainty(error, side):
    scores = draw(10)[0]
    calibration = fitting.fit(JOINTS, scores, np.full(scores.shape, error), np.zeros(50), DISTANCE)
    found = calibration.probabilities(scores)
    assert np.abs(found - side).max() < 0.1
    assert np.abs(found - side).min() >= 1 / 203
    assert (np.array(calibration.near_errors) <= DISTANCE).all()
    assert (np.array(calibration.far_errors) > DISTANCE).all()


def test_the_same_labels_give_the_same_calibration():
    labels = draw(20)[:3]
    assert fitting.fit(JOINTS, *labels, DISTANCE) == fitting.fit(JOINTS, *labels, DISTANCE)


def test_the_fit_is_the_minimum_of_the_penalised_loss():
    scores, errors, _, _ = draw(20)
    x = logit(scores).ravel()
    x = (x - x.mean()) / x.std()
    y = (errors <= DISTANCE).ravel().astype(float)
    columns = np.tile(np.arange(4), len(scores))
    slopes, intercepts = fitting.fit_logistic(x, y, columns, 4, 0.0)

    def loss(slope, intercept):
        logits = slope * x + intercept
        return np.logaddexp(0, logits).sum() - y @ logits + slope**2 / 8 + intercept**2 / 50

    least = loss(slopes[0], intercepts[0])
    for step in (-0.02, 0.02):
        assert loss(slopes[0] + step, intercepts[0]) > least
        assert loss(slopes[0], intercepts[0] + step) > least


def test_too_little_to_fit_to_is_a_reason():
    scores, errors, clips, _ = draw(2)
    with pytest.raises(fitting.CannotCalibrateError, match="36 labelled joints to fit to; at least 40 are needed"):
        fitting.fit(JOINTS, scores[:9], errors[:9], clips[:9], DISTANCE)
    with pytest.raises(fitting.CannotCalibrateError, match="the net gives no scores"):
        fitting.fit(JOINTS, scores * np.nan, errors, clips, DISTANCE)
    with pytest.raises(ValueError, match="distance: expected a fraction"):
        fitting.fit(JOINTS, scores, errors, clips, 2)
