"""Who wins against the single frame."""

import numpy as np
import pytest

from keras_pose.choosing.comparison import SINGLE, Comparison
from keras_pose.skeleton import UPPER_BODY
from tests.helpers import blob_clips

CLIPS = blob_clips.still_clips(10)
TRUTH = np.concatenate([clip.joints for clip in CLIPS])
TARGETS = np.concatenate([TRUTH, np.ones((*TRUTH.shape[:2], 1))], -1).astype(np.float32)


def off(px, spread=0.0, seed=0):
    """Predictions that are wrong by so many px, and differently in each clip."""
    of_clip = np.random.default_rng(seed).normal(0, spread, len(CLIPS)) if spread else np.zeros(len(CLIPS))
    errors = np.maximum(px + np.repeat(of_clip, 3), 0)
    return TRUTH + np.stack([errors, np.zeros_like(errors)], -1)[:, None]


def compare(**predicted):
    return Comparison(CLIPS, TARGETS, UPPER_BODY, (64, 64), {SINGLE: off(4.0, 1.0), **predicted})


def test_figures_are_the_area_and_the_share_within_five_percent():
    found = compare(better=off(1.6)).verdicts()["better"]
    assert found.figure == pytest.approx(1 - 1.6 / 6.4, abs=1e-5)
    assert found.accuracy == 1.0
    assert found.wins
    assert found.interval[0] < found.difference < found.interval[1]
    assert found.lower_limit < found.difference


def test_nothing_wins_by_chance():
    predicted = {f"as good {seed}": off(4.0, 1.0, seed) for seed in range(1, 30)}
    comparison = compare(**predicted)
    assert not any(verdict.wins for verdict in comparison.verdicts().values())
    assert comparison.choose(dict.fromkeys(predicted, 1.0)) == (SINGLE, [])


def test_a_candidate_that_equals_the_single_frame_does_not_win():
    verdict = compare(same=off(4.0, 1.0)).verdicts()["same"]
    assert not verdict.wins
    assert not verdict.loses
    assert compare(worse=off(6.0)).verdicts()["worse"].loses


def test_the_cheapest_of_equally_good_ones_is_chosen():
    comparison = compare(best=off(1.0, 0.5), alike=off(1.05, 0.5, 2), worse=off(2.5))
    costs = {"best": 5.0, "alike": 2.0, "worse": 1.0}
    assert comparison.choose(costs) == ("alike", ["best", "alike"])
    assert comparison.choose({**costs, "alike": 6.0})[0] == "best"
    difference, error, interval = comparison.difference("best", "worse")
    assert difference > error > 0
    assert interval[0] > 0
