"""Accuracy against distance: the numbers."""

import dataclasses

import numpy as np
import pytest

from keras_pose.evaluation.accuracy import score
from keras_pose.evaluation.accuracy_curves import ALL_JOINTS, accuracy_curves
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import UPPER_BODY, Skeleton


def make_run(spread_px, clips=6, frames=8, joints=7, seed=0):
    rng = np.random.default_rng(seed)
    run = []
    for i in range(clips):
        truth = rng.uniform(20, 80, (frames, joints, 2))
        predicted = truth + np.random.default_rng(seed + i).normal(0, spread_px * (1 + i / 3), truth.shape)
        labels = np.full((frames, joints), 2)
        run.append(ClipPredictions(f"c{i}", np.arange(frames), predicted, labels, truth, labels, (100, 100)))
    return run


def test_curves_pass_through_the_scores_and_rise_within_their_bands():
    run = make_run(3)
    curves = accuracy_curves(run, UPPER_BODY, 20, points=21, resamples=1000)
    scores = score(run, UPPER_BODY, distances_px=(5,), resamples=1000)
    assert list(curves) == [ALL_JOINTS, "head", "wrist", "elbow", "shoulder"]
    assert curves[ALL_JOINTS].accuracy[5] == pytest.approx(scores["accuracy_px"]["5"])
    assert curves["wrist"].accuracy[5] == pytest.approx(scores["groups"]["wrist"]["accuracy_px"]["5"])
    limits = scores["confidence_intervals"]["groups"]["wrist"]["accuracy_px"]["5"]
    np.testing.assert_allclose([curves["wrist"].low[5], curves["wrist"].high[5]], limits)
    for curve in curves.values():
        assert (np.diff(curve.accuracy) >= 0).all()
        assert (curve.low <= curve.accuracy).all()
        assert (curve.accuracy <= curve.high).all()


def test_single_group_has_no_panel_for_all():
    assert list(accuracy_curves(make_run(3, joints=1), Skeleton("nose", ("nose",)), 20, resamples=1000)) == ["nose"]
    pair = Skeleton("pair", ("nose", "tail"))
    assert list(accuracy_curves(make_run(3, joints=2), pair, 20, resamples=1000)) == [ALL_JOINTS, "nose", "tail"]


def test_group_without_labels_has_a_curve_of_nan():
    run = []
    for clip in make_run(3, clips=2):
        truth = clip.truth.copy()
        visibility = clip.visibility.copy()
        truth[:, 0] = np.nan
        visibility[:, 0] = 0
        run.append(dataclasses.replace(clip, truth=truth, visibility=visibility))
    curves = accuracy_curves(run, UPPER_BODY, 20, resamples=1000)
    for values in (curves["head"].accuracy, curves["head"].low, curves["head"].high):
        assert np.isnan(values).all()
    assert np.isfinite(curves["wrist"].accuracy).all()
