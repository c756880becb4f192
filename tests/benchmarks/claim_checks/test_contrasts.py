"""Weighted sums of means and their paired intervals."""

import dataclasses

import numpy as np
import pytest

from benchmarks.claim_checks import contrasts
from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.evaluation import bootstrap
from tests.helpers.predictions import make_predictions

FRACTION = 0.03


@pytest.fixture(scope="module")
def pair():
    good = make_predictions(8)
    return good, [dataclasses.replace(clip, predicted=clip.predicted + 3) for clip in good]


def columns_of(pair, joints=None):
    return {name: [contrasts.count_right(run, joints, FRACTION)] for name, run in zip(("good", "bad"), pair)}


def test_a_difference_is_that_of_the_paired_bootstrap(pair):
    found = contrasts.contrast(pair[0], columns_of(pair), {"good": 1.0, "bad": -1.0})
    expected = bootstrap.paired_difference(*pair, f"pck/{FRACTION}", SKELETON)
    assert found.value == pytest.approx(expected["difference"])
    assert [found.low, found.high] == pytest.approx(expected["interval"])
    assert found.units == "8 clips"


def test_only_the_chosen_joints_count(pair):
    column = contrasts.count_right(pair[0], [1, 2], FRACTION)
    counted = np.isfinite(np.concatenate(column)).any(0)
    assert np.flatnonzero(counted).tolist() == [1, 2]


def test_unlabelled_joints_do_not_count(pair):
    clip = pair[0][0]
    truth = clip.truth.copy()
    truth[0, 0] = np.nan
    visibility = clip.visibility.copy()
    visibility[0, 0] = 0
    column = contrasts.count_right([dataclasses.replace(clip, truth=truth, visibility=visibility)], None, FRACTION)
    assert np.argwhere(np.isnan(column[0])).tolist() == [[0, 0]]


def test_gains_of_two_nets_are_subtracted():
    clips = make_predictions(6)
    shape = clips[0].truth.shape[:2]
    values = {"a more": 0.9, "a few": 0.5, "b more": 0.3, "b few": 0.2}
    columns = {name: [[np.full(shape, value)] * 6] for name, value in values.items()}
    found = contrasts.contrast(clips, columns, {"a more": 1, "a few": -1, "b more": -1, "b few": 1})
    assert (found.value, found.low, found.high) == pytest.approx((0.3, 0.3, 0.3))


def test_seeds_are_resampled_too():
    clips = make_predictions(6)
    shape = clips[0].truth.shape[:2]
    seeds = [[np.full(shape, value)] * 6 for value in (0.2, 0.4, 0.9)]
    zeros = [[np.zeros(shape)] * 6] * 3
    found = contrasts.contrast(clips, {"a": seeds, "b": zeros}, {"a": 1, "b": -1})
    assert found.value == pytest.approx(0.5)
    assert 0.2 <= found.low < 0.35
    assert 0.65 < found.high <= 0.9
