"""The strips of the best and the worst case."""

import numpy as np

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.evaluation import temporal_strip
from tests.helpers.beside_frames import HANDS, make_beside

GREY = 90


def make_case():
    truth = np.repeat(np.array([[[50.0, 20.0], [30.0, 60.0], [70.0, 60.0]]]), 7, axis=0)
    single = truth.copy()
    single[3, 1] += (30, 0)
    pooled = truth.copy()
    pooled[5, 2] += (0, 12)
    return truth, make_beside(truth, single, pooled)


def test_the_largest_gain_and_the_largest_loss_are_chosen():
    _, of = make_case()
    best, worst = temporal_strip.choose_cases([of])
    assert best == temporal_strip.Case("clip", 3, 1, 30.0, 0.0)
    assert worst == temporal_strip.Case("clip", 5, 2, 0.0, 12.0)
    truth, _ = make_case()
    assert temporal_strip.choose_cases([make_beside(truth, truth, truth)]) == (None, None)


def test_a_strip_shows_the_joint_of_the_frame_alone_above_the_pooled_one():
    truth, of = make_case()
    clip = Clip("clip", ArrayFrames(np.full((7, 100, 100, 3), GREY, np.uint8)), np.arange(7), truth, np.full((7, 3), 2))
    best, _ = temporal_strip.choose_cases([of])
    picture = temporal_strip.draw_strip(best, of, clip, HANDS, "Best")
    coloured = (np.ptp(picture.astype(int), axis=-1) > 60).sum(axis=1)
    rows = np.flatnonzero(coloured)
    # The cross and the disc of the middle frame are apart in the upper row only.
    columns = np.flatnonzero((np.ptp(picture.astype(int), axis=-1) > 60)[: rows.mean().astype(int)].any(0))
    lower = np.flatnonzero((np.ptp(picture.astype(int), axis=-1) > 60)[rows.mean().astype(int) :].any(0))
    assert len(columns) > len(lower) > 0


def test_runs_that_do_not_pool_have_no_strips():
    assert temporal_strip.draw_cases({"run": object()}, {}, [], HANDS) == {}
