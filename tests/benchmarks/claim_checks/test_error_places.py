"""Kinds of errors by the place of the prediction."""

import numpy as np
import pytest

from benchmarks.claim_checks import error_places
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton

PAIR = Skeleton("pair", ("head", "left_wrist", "right_wrist"), (("left_wrist", "right_wrist"),))
TRUTH = np.array([[50.0, 10.0], [20.0, 80.0], [80.0, 80.0]])


def make_clip(left_wrist, labelled=True):
    predicted = TRUTH.copy()
    predicted[1] = left_wrist
    truth = TRUTH.copy()
    visibility = np.array([2, 2, 2])
    if not labelled:
        truth[1] = np.nan
        visibility[1] = 0
    return ClipPredictions("a", [0], predicted[None], np.ones((1, 3)), truth[None], visibility[None], (100, 100))


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ((23, 80), error_places.RIGHT),
        ((30, 80), error_places.NEAR),
        ((80, 78), error_places.SWAP),
        ((52, 12), error_places.OTHER_JOINT),
        ((50, 50), error_places.BACKGROUND),
    ],
)
def test_the_first_place_that_fits_names_the_kind(place, kind):
    assert error_places.classify(make_clip(place), PAIR, 0.05).tolist() == [[0, kind, 0]]


def test_joints_without_a_label_have_no_kind_and_are_no_place():
    found = error_places.classify(make_clip((50, 50), labelled=False), PAIR, 0.05)
    assert found.tolist() == [[0, error_places.NO_LABEL, 0]]
    column = error_places.count_kinds([make_clip((50, 50), labelled=False)], PAIR, 0.05, error_places.WRONG_MODES)
    assert np.isnan(column[0]).tolist() == [[False, True, False]]


def test_wrong_modes_are_all_wrong_places_but_near_misses():
    kinds = error_places.WRONG_MODES
    for place, wrong in (((80, 80), 1), ((50, 10), 1), ((50, 50), 1), ((30, 80), 0), ((20, 80), 0)):
        assert error_places.count_kinds([make_clip(place)], PAIR, 0.05, kinds)[0].tolist() == [[0, wrong, 0]]


def test_a_near_miss_at_another_joint_is_a_wrong_mode():
    truth = TRUTH.copy()
    truth[0] = (32, 80)
    clip = make_clip((31, 80))
    clip = ClipPredictions("a", [0], clip.predicted, clip.scores, truth[None], clip.visibility, (100, 100))
    assert error_places.classify(clip, PAIR, 0.05)[0, 1] == error_places.OTHER_JOINT
