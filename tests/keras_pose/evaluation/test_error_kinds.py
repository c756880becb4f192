"""Kinds of errors: each example is of one kind, and the first kind that fits counts."""

import numpy as np
import pytest

from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE
from keras_pose.evaluation import error_kinds
from keras_pose.evaluation.error_kinds import FLOW, HIDDEN_JOINT, MODE, NO_LABEL, OTHER, RIGHT, SWAP
from keras_pose.skeleton import Skeleton

SKELETON = Skeleton("three", ("head", "left", "right"), flip_pairs=(("left", "right"),))
TRUTH = np.array([[[50.0, 10.0], [80.0, 60.0], [20.0, 60.0]]])
FAR = np.array([50.0, 90.0])


def classify(left=None, tolerance=5.0, visibility=VISIBLE, truth=TRUTH, **known):
    """Kind of the error of "left" if it is predicted at a place, all other joints at the truth."""
    predicted = TRUTH.copy()
    predicted[0, 1] = TRUTH[0, 1] if left is None else left
    seen = np.array([[VISIBLE, visibility, VISIBLE]])
    kinds = error_kinds.classify(predicted, truth, seen, tolerance, SKELETON, **known)
    assert kinds.shape == (1, 3)
    assert kinds[0, 0] == RIGHT
    return kinds[0, 1]


def at_left(value):
    found = TRUTH.copy()
    found[0, 1] = value
    return found


def modes(*places):
    points = np.zeros((1, 3, 3, 2))
    heights = np.zeros((1, 3, 3))
    for rank, place in enumerate(places):
        points[0, 1, rank] = place
        heights[0, 1, rank] = 0.9 - 0.2 * rank
    return {"modes": points, "mode_heights": heights}


def test_each_kind():
    assert classify() == RIGHT
    assert classify((84, 63)) == RIGHT  # exactly 5 px
    assert classify((84.1, 63)) == OTHER
    assert classify((22, 58)) == SWAP
    assert classify(FAR, **modes(FAR, (81, 60))) == MODE
    assert classify(FAR, visibility=HIDDEN) == HIDDEN_JOINT
    assert classify(FAR, single=TRUTH) == FLOW
    assert classify(FAR, carried_px=np.array([[0.0, 9.0, 0.0]])) == FLOW
    assert classify(FAR) == OTHER


def test_nothing_is_said_about_a_joint_without_label():
    truth = at_left(np.nan)
    assert classify(FAR, truth=truth, visibility=UNLABELLED, single=TRUTH, **modes(FAR)) == NO_LABEL


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"single": at_left(FAR)}, OTHER),  # the frame alone was wrong, too
        ({"carried_px": np.array([[0.0, 4.0, 0.0]])}, OTHER),
        ({"carried_px": np.full((1, 3), np.nan)}, OTHER),  # no neighbour is labelled
        (modes(FAR, (60, 60)), OTHER),  # another mode, elsewhere
        (modes(), OTHER),  # places without height are none
        ({"modes": modes(TRUTH[0, 1])["modes"]}, OTHER),  # nor are places of unknown height
    ],
)
def test_what_does_not_explain_an_error(known, expected):
    assert classify(FAR, **known) == expected


def test_the_first_kind_that_fits_counts():
    both = modes((20, 60), (80, 60))
    assert classify((20, 60), visibility=HIDDEN, **both) == SWAP
    assert classify((20, 60), visibility=HIDDEN, single=TRUTH, **both) == FLOW
    assert classify(FAR, visibility=HIDDEN, **modes(FAR, (80, 60))) == MODE
    assert classify(single=at_left(FAR), carried_px=np.full((1, 3), 99.0)) == RIGHT


def test_the_other_side_must_be_labelled_and_another_joint():
    truth = TRUTH.copy()
    truth[0, 2] = np.nan
    seen = np.array([[VISIBLE, VISIBLE, UNLABELLED]])
    kinds = error_kinds.classify(at_left((20, 60)), truth, seen, 5, SKELETON)
    assert kinds.tolist() == [[RIGHT, OTHER, NO_LABEL]]
    middle = TRUTH.copy()
    middle[0, 0] = FAR
    assert error_kinds.classify(middle, TRUTH, np.full((1, 3), VISIBLE), 5, SKELETON)[0, 0] == OTHER


def test_the_tolerance_can_differ_between_frames():
    predicted = np.repeat(at_left((88, 60)), 2, axis=0)
    truth = np.repeat(TRUTH, 2, axis=0)
    kinds = error_kinds.classify(predicted, truth, np.full((2, 3), VISIBLE), np.array([5.0, 10.0]), SKELETON)
    assert kinds[:, 1].tolist() == [OTHER, RIGHT]


def test_counts_by_group():
    kinds = np.array([[RIGHT, SWAP, SWAP], [NO_LABEL, MODE, RIGHT]])
    counts = error_kinds.count_kinds(kinds, {"head": (0,), "hand": (1, 2)})
    assert counts["head"] == {RIGHT: 1, FLOW: 0, SWAP: 0, MODE: 0, HIDDEN_JOINT: 0, OTHER: 0}
    assert counts["hand"] == {RIGHT: 1, FLOW: 0, SWAP: 2, MODE: 1, HIDDEN_JOINT: 0, OTHER: 0}
    assert set(error_kinds.MEANINGS) == set(error_kinds.WRONG)


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"expected predictions and truth \[N, 3, 2\] and visibility \[N, 3\], rec"):
        error_kinds.classify(TRUTH[:, :2], TRUTH, np.full((1, 3), VISIBLE), 5, SKELETON)
