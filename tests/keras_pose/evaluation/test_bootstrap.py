"""Bootstrap intervals, against the analytic normal interval and an explicit loop."""

import numpy as np
import pytest

from keras_pose.evaluation import bootstrap
from keras_pose.evaluation.measures import build_measures, joint_groups
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton

HANDS = Skeleton("hands", ("left_wrist", "right_wrist"), flip_pairs=(("left_wrist", "right_wrist"),))
GROUPS = joint_groups(HANDS)


def make_run(errors):
    """Clips named "0", "1", … whose predictions are off by `errors` (one [N, 2] array a clip), NaN: unlabelled."""
    clips = []
    for i, shifts in enumerate(errors):
        shifts = np.asarray(shifts, np.float32)
        truth = np.where(np.isnan(shifts)[..., None], np.nan, np.zeros((*shifts.shape, 2), np.float32))
        predicted = np.stack([np.nan_to_num(shifts), np.zeros_like(shifts)], -1)
        frames = np.arange(len(shifts))
        clips.append(
            ClipPredictions(str(i), frames, predicted, np.ones(shifts.shape), truth, ~np.isnan(shifts) * 2, (50, 50))
        )
    return clips


def test_interval_of_many_clips_agrees_with_the_normal_one():
    rng = np.random.default_rng(1)
    means = rng.normal(20, 3, 80)
    run = make_run([np.full((5, 2), mean) for mean in means])
    found = bootstrap.intervals(build_measures(run, HANDS), GROUPS, resamples=4000)
    half = 1.96 * means.std(ddof=1) / np.sqrt(80)
    np.testing.assert_allclose(found["mean_error_px"], [means.mean() - half, means.mean() + half], atol=0.15 * half)
    assert (found["unit"], found["num_units"], found["level"], found["resamples"]) == ("clips", 80, 0.95, 4000)


def test_intervals_cover_the_true_accuracy_about_as_often_as_they_say():
    rng = np.random.default_rng(2)
    held = 0
    for trial in range(100):
        run = make_run(np.where(rng.uniform(size=(40, 3, 2)) < 0.7, 1.0, 9.0))
        low, high = bootstrap.intervals(build_measures(run, HANDS, (5,)), {}, resamples=1000, seed=trial)[
            "accuracy_px"
        ]["5"]
        held += low <= 0.7 <= high
    assert 0.88 <= held / 100 <= 0.99


def test_limits_are_percentiles_of_the_draws_that_have_labels():
    draws = np.stack([np.arange(1001.0), np.where(np.arange(1001) % 2, np.nan, 7.0), np.full(1001, np.nan)], axis=1)
    wide, same, none = bootstrap.limits(draws, 0.9)
    assert wide == pytest.approx([50, 950])
    assert (same, none) == ([7, 7], None)
    assert bootstrap.limits(draws[:, :1], 0.5)[0] == pytest.approx([250, 750])


def test_clips_are_drawn_whole():
    """Frames within a clip are alike: drawing frames would give an interval some five times too narrow."""
    run = make_run([np.full((25, 2), value) for value in (1, 1, 1, 9, 9, 9)])
    low, high = bootstrap.intervals(build_measures(run, HANDS), {})["mean_error_px"]
    assert high - low > 5


def test_resamples_equal_a_loop_over_drawn_clips():
    nan = np.nan
    errors = [[[1, 2], [nan, 4]], [[5, nan]], [[2, 8], [3, 3], [1, nan]], [[7, 7]], [[nan, 9]]]
    measures = build_measures(make_run(errors), HANDS, (3,))
    weights = np.array([[1, 0, 2, 0, 0], [0, 3, 0, 0, 0]], float)
    sums, counts = measures.weighted(weights)
    for row, drawn in enumerate(([0, 2, 2], [1, 1, 1])):
        values = np.concatenate([np.asarray(errors[i], float) for i in drawn])
        np.testing.assert_allclose(sums[row, 0], np.nansum(values, 0))
        np.testing.assert_allclose(sums[row, 1], (values <= 3).sum(0))
        np.testing.assert_allclose(counts[row, 0], np.isfinite(values).sum(0))


def test_single_labelled_clip_is_drawn_by_blocks_of_frames_and_says_so():
    rng = np.random.default_rng(3)
    unlabelled = np.full((4, 2), np.nan)
    found = bootstrap.intervals(build_measures(make_run([rng.uniform(0, 9, (30, 2)), unlabelled]), HANDS), GROUPS)
    assert (found["unit"], found["num_units"], found["block_frames"]) == ("blocks", 30, 1)
    assert found["lower_bound"]
    assert found["mean_error_px"][0] < found["mean_error_px"][1]


def test_seed_decides_and_chunks_do_not_break_the_draws(monkeypatch):
    run = make_run(np.random.default_rng(4).uniform(0, 9, (10, 3, 2)))
    measures = build_measures(run, HANDS, (5,))
    assert bootstrap.intervals(measures, GROUPS, seed=5) == bootstrap.intervals(measures, GROUPS, seed=5)
    assert bootstrap.intervals(measures, GROUPS, seed=5) != bootstrap.intervals(measures, GROUPS, seed=6)
    whole = bootstrap.intervals(measures, GROUPS, seed=5)
    monkeypatch.setattr(bootstrap, "_CHUNK_NUMBERS", 700)
    np.testing.assert_allclose(bootstrap.intervals(measures, GROUPS, seed=5)["mean_error_px"], whole["mean_error_px"])


def test_paired_difference_has_the_sign_of_a_minus_b_and_finds_small_steady_gains():
    rng = np.random.default_rng(5)
    hard = rng.uniform(1, 30, (12, 4, 2))
    a = make_run(hard)
    b = make_run(hard + 0.5)
    found = bootstrap.paired_difference(a, b[::-1], "mean_error_px", HANDS)
    assert found["difference"] == pytest.approx(-0.5, abs=1e-4)
    np.testing.assert_allclose(found["interval"], [-0.5, -0.5], atol=1e-4)
    assert found["significant"]
    back = bootstrap.paired_difference(b, a, "mean_error_px", HANDS)
    assert back["difference"] == pytest.approx(0.5, abs=1e-4)
    accuracy = bootstrap.paired_difference(a, b, "accuracy_px/10", HANDS, group="wrist")
    assert accuracy["difference"] >= 0
    assert accuracy["a"] == pytest.approx((hard <= 10).mean())


def test_equal_runs_do_not_differ():
    run = make_run(np.random.default_rng(6).uniform(0, 9, (5, 3, 2)))
    for metric in ("mean_error_px", "accuracy_px/6", "pck/0.1"):
        found = bootstrap.paired_difference(run, run, metric, HANDS)
        assert (found["difference"], found["interval"], found["significant"]) == (0, [0, 0], False)


def test_runs_without_labels_have_no_difference():
    run = make_run(np.full((2, 3, 2), np.nan))
    found = bootstrap.paired_difference(run, run, "mean_error_px", HANDS)
    assert (found["a"], found["difference"], found["interval"], found["significant"]) == (None, None, None, False)


def test_runs_on_other_clips_frames_or_labels_are_refused():
    a = make_run(np.zeros((2, 3, 2)))
    with pytest.raises(ValueError, match=r"the same clips in both runs, only one has: \['1'\]"):
        bootstrap.check_paired(a, a[:1])
    with pytest.raises(ValueError, match="clip 0: expected the same frames"):
        bootstrap.check_paired(a, make_run(np.zeros((2, 2, 2))))
    with pytest.raises(ValueError, match="clip 0: expected the same labels"):
        bootstrap.check_paired(a, make_run([[[0, np.nan], [0, 0], [0, 0]], np.zeros((3, 2))]))


def test_unknown_metric_group_and_settings_are_refused():
    run = make_run(np.zeros((2, 3, 2)))
    for metric in ("speed", "accuracy_px/x", "accuracy_px"):
        with pytest.raises(ValueError, match=f"unknown metric '{metric}'"):
            bootstrap.paired_difference(run, run, metric, HANDS)
    with pytest.raises(ValueError, match="needs auc_max_px"):
        bootstrap.paired_difference(run, run, "auc", HANDS)
    with pytest.raises(ValueError, match="unknown group 'foot', expected one of left_wrist, right_wrist, wrist"):
        bootstrap.paired_difference(run, run, "mean_error_px", HANDS, group="foot")
    for level in (95, 1, 0, -0.5):
        with pytest.raises(ValueError, match=f"between 0 and 1, received {level}"):
            bootstrap.intervals(build_measures(run, HANDS), {}, level=level)
