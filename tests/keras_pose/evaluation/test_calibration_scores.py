"""The calibration part of metrics.json."""

import dataclasses
import json

import numpy as np
import pytest

from keras_pose.confidence import reliability
from keras_pose.evaluation.calibration_scores import gather, score_calibration
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import UPPER_BODY
from tests.helpers.calibrations import make_calibration

CALIBRATION = make_calibration()
SIDE = 200


def make_clips(count=40, frames=5, seed=0, shift=0.0):
    """Clips whose joints lie within the distance as often as the calibration says (or `shift` less often)."""
    rng = np.random.default_rng(seed)
    clips = []
    for i in range(count):
        scores = rng.uniform(0.02, 0.98, (frames, 7))
        probabilities = CALIBRATION.probabilities(scores)
        near = rng.random(scores.shape) < probabilities - shift
        # Means as the calibration expects them.
        errors = SIDE * np.where(near, CALIBRATION.near_errors, CALIBRATION.far_errors)
        truth = rng.uniform(50, 100, (frames, 7, 2))
        predicted = truth + errors[..., None] * [0.6, 0.8]
        labels = np.full(scores.shape, 2)
        clips.append(ClipPredictions(f"c{i}", np.arange(frames), predicted, scores, truth, labels, (100, SIDE)))
    return clips


def test_right_probabilities_and_errors_are_found_to_be_right():
    found = score_calibration(make_clips(200), CALIBRATION, resamples=1000)
    assert found["num_labelled_joints"] == 7000
    assert found["num_frames"] == 1000
    assert found["ece"] < 0.02
    assert found["ece_debiased"] < 0.01
    assert found["uncalibrated"]["ece"] > 2 * found["ece"]
    assert found["brier"] < found["uncalibrated"]["brier"]
    errors = found["expected_errors"]
    assert errors["mean_expected"] == pytest.approx(errors["mean_error"], rel=0.05)
    np.testing.assert_allclose(errors["expected"], errors["observed"], rtol=0.25)
    low, high = found["confidence_intervals"]["ece"]
    assert 0 < low < high < 0.04
    assert found["confidence_intervals"]["unit"] == "clips"
    assert found["fitted"]["on_these_frames"] is False
    json.dumps(found, allow_nan=False)


def test_wrong_probabilities_show():
    found = score_calibration(make_clips(200, shift=0.15), CALIBRATION, on_fitted_frames=True, resamples=1000)
    assert found["ece"] > 0.1
    assert found["confidence_intervals"]["ece"][0] > 0.08
    assert found["fitted"]["on_these_frames"]
    assert found["fitted"]["num_clips"] == 10


def test_figures_by_hand():
    (clip,) = make_clips(1, 30)
    found = score_calibration([clip], CALIBRATION, resamples=1000)
    probabilities = CALIBRATION.probabilities(clip.scores).ravel()
    within = (clip.errors_px() / SIDE <= CALIBRATION.distance).ravel()
    assert found["share_within"] == within.mean()
    assert found["brier"] == pytest.approx(np.mean((probabilities - within) ** 2))
    sums = reliability.bin_sums(probabilities, within, reliability.bin_of(probabilities))
    assert found["ece"] == pytest.approx(reliability.calibration_error(sums))
    assert sum(found["diagram"]["counts"]) == 210
    assert found["confidence_intervals"]["unit"] == "blocks"


def test_unlabelled_joints_and_clips_of_unknown_size_do_not_count():
    clips = make_clips(3)
    truth = clips[0].truth.copy()
    truth[:, 2] = np.nan
    truth[1] = np.nan
    visibility = np.where(np.isnan(truth).any(-1), 0, 2)
    clips[0] = dataclasses.replace(clips[0], truth=truth, visibility=visibility)
    clips[1] = dataclasses.replace(clips[1], size_hw=None)
    found = score_calibration(clips, CALIBRATION, resamples=1000)
    assert found["num_labelled_joints"] == 4 * 6 + 35
    assert found["num_frames"] == 9
    nothing = dataclasses.replace(clips[2], size_hw=None)
    assert score_calibration([nothing], CALIBRATION) == {"reason": "no labelled joint with a score"}


def test_clips_of_a_session_stay_together_in_the_order_of_their_frames():
    clips = make_clips(2, 3)
    first = dataclasses.replace(clips[0], session="s", frames=np.array([4, 6, 8]))
    second = dataclasses.replace(clips[1], session="s", frames=np.array([1, 5, 9]))
    found = gather([first, second])
    assert found.sessions.tolist() == [0] * 6
    expected = np.stack([second.scores[0], first.scores[0], second.scores[1], *first.scores[1:], second.scores[2]])
    np.testing.assert_allclose(found.scores, expected)
    assert found.scores.shape[1] == UPPER_BODY.num_joints


def test_clips_of_one_film_are_drawn_together():
    clips = make_clips(30, 4)
    alone = score_calibration(clips, CALIBRATION, resamples=1000)["confidence_intervals"]
    # Five clips that are alike in each of six films: there is no more to learn from them than from one.
    films = [dataclasses.replace(clips[i // 5], name=f"c{i}", group=f"film{i // 5}") for i in range(30)]
    found = gather(films)
    assert found.groups.tolist() == [i // 20 for i in range(120)]
    assert found.sessions.tolist() == [i // 4 for i in range(120)]
    together = score_calibration(films, CALIBRATION, resamples=1000)["confidence_intervals"]
    apart = [dataclasses.replace(clip, group="") for clip in films]
    as_clips = score_calibration(apart, CALIBRATION, resamples=1000)["confidence_intervals"]
    assert [part["unit"] for part in (alone, together, as_clips)] == ["clips", "groups", "clips"]
    widths = [part["brier"][1] - part["brier"][0] for part in (together, as_clips)]
    assert widths[0] > 1.7 * widths[1]


def test_clips_of_few_films_are_drawn_in_blocks():
    films = [dataclasses.replace(clip, group=f"film{i % 2}") for i, clip in enumerate(make_clips(10))]
    assert score_calibration(films, CALIBRATION, resamples=1000)["confidence_intervals"]["unit"] == "blocks"


def test_errors_are_fractions_of_what_the_net_saw():
    (clip,) = make_clips(1)
    half = dataclasses.replace(clip, region=(20, 0, SIDE / 2, SIDE / 4))
    np.testing.assert_allclose(gather([half]).errors, 2 * gather([clip]).errors)
