"""What a bootstrap draws, against sequences whose uncertainty is known."""

import math

import numpy as np
import pytest

from keras_pose.evaluation import bootstrap, resampling
from keras_pose.evaluation.measures import build_measures
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton

POINT = Skeleton("point", ("a",))


def make_clip(name, errors, session="", first=0):
    """A clip of one joint whose prediction is off by `errors` [N] px."""
    errors = np.asarray(errors, np.float32)
    predicted = np.stack([errors, np.zeros_like(errors)], -1)[:, None]
    frames = first + np.arange(len(errors))
    return ClipPredictions(
        name,
        frames,
        predicted,
        np.ones((len(errors), 1)),
        np.zeros_like(predicted),
        np.full((len(errors), 1), 2),
        session=session,
    )


def correlated_errors(rng, trials, count, correlation):
    """Returns float64 [trials, count]: 20 px plus an AR(1) process of variance 1."""
    noise = rng.normal(size=(trials, count))
    values = np.empty_like(noise)
    values[:, 0] = noise[:, 0]
    for t in range(1, count):
        values[:, t] = correlation * values[:, t - 1] + np.sqrt(1 - correlation**2) * noise[:, t]
    return 20 + values


def coverage(series, in_blocks):
    held = 0
    for trial, errors in enumerate(series):
        length = resampling.block_length([errors]) if in_blocks else 1
        weights = resampling.draw_weights(np.random.default_rng(trial), 1000, len(errors), length, [len(errors)])
        low, high = np.percentile(weights @ errors / weights.sum(1), [2.5, 97.5])
        held += low <= 20 <= high
    return held / len(series)


def test_intervals_of_blocks_cover_the_mean_of_correlated_frames_and_those_of_frames_do_not():
    series = correlated_errors(np.random.default_rng(0), 60, 600, 0.9)
    assert coverage(series, in_blocks=True) > 0.8
    assert coverage(series, in_blocks=False) < 0.55


def test_intervals_of_independent_frames_cover_their_mean():
    series = correlated_errors(np.random.default_rng(1), 150, 200, 0.0)
    assert 0.88 <= coverage(series, in_blocks=True) <= 0.99


def test_blocks_are_longer_the_longer_errors_last():
    rng = np.random.default_rng(2)
    lengths = [
        np.mean([resampling.block_length([errors]) for errors in correlated_errors(rng, 20, 600, correlation)])
        for correlation in (0.0, 0.5, 0.9)
    ]
    assert lengths[0] < 3 < lengths[1] < lengths[2] <= 3 * np.sqrt(600) + 1
    assert resampling.block_length([np.full(50, 3.0)]) == 1
    # Rounding of large errors is no variation; one that is larger than that counts, however small.
    slow = np.sin(np.arange(200) / 20)
    assert resampling.block_length([1e6 + 1e-2 * slow]) == 1
    assert resampling.block_length([1e6 + 10 * slow]) > 1
    assert resampling.block_length([1e-3 * slow]) > 1
    assert resampling.block_length([np.array([1.0, 5.0])]) == 1
    assert resampling.block_length([]) == 1


def published_block_length(series):
    """The rule of Politis and White (2004) for the circular bootstrap, as Patton et al. (2009) correct it, in loops."""
    count = sum(len(values) for values in series)
    mean = sum(sum(values) for values in series) / count

    def covariance(lag):
        pairs = [(v[i] - mean) * (v[i + lag] - mean) for v in series for i in range(len(v) - lag)]
        return sum(pairs) / count

    look_ahead = max(5, math.ceil(math.sqrt(math.log10(count))))
    most = min(math.ceil(math.sqrt(count)) + look_ahead, count - 1)
    chance = 2 * math.sqrt(math.log10(count) / count)
    correlations = [covariance(lag) / covariance(0) for lag in range(most + 1)]
    last = 0
    while last < most and any(abs(r) > chance for r in correlations[last + 1 : last + 1 + look_ahead]):
        last += 1
    if last == 0:
        return 1
    width = min(2 * last, most)
    slope, spread = 0.0, covariance(0)
    for lag in range(1, width + 1):
        flat_top = 1.0 if lag <= width / 2 or width == 1 else 2 * (1 - lag / width)
        slope += 2 * flat_top * lag * covariance(lag)
        spread += 2 * flat_top * covariance(lag)
    largest = max(1, min(math.ceil(3 * math.sqrt(count)), count // 3))
    if spread <= 0:
        return largest
    length = (2 * slope**2 / (4 / 3 * spread**2)) ** (1 / 3) * count ** (1 / 3)
    return min(max(round(length), 1), largest)


@pytest.mark.parametrize("correlation", [-0.6, 0.0, 0.3, 0.8, 0.97])
@pytest.mark.parametrize("lengths", [(4,), (9, 8), (40,), (30, 25, 60), (300,)])
def test_the_length_of_blocks_is_the_published_one(lengths, correlation):
    rng = np.random.default_rng(sum(lengths))
    found = []
    for _ in range(4):
        series = [correlated_errors(rng, 1, count, correlation)[0] for count in lengths]
        found.append(resampling.block_length(series))
        assert found[-1] == published_block_length(series)
    assert max(found) <= max(1, sum(lengths) // 3)


@pytest.mark.parametrize("lengths", [(7,), (5, 2, 6)])
@pytest.mark.parametrize("block", [1, 2, 3, 4])
def test_drawn_blocks_are_consecutive_frames_of_one_sequence(lengths, block):
    count = sum(lengths)
    weights = resampling.draw_weights(np.random.default_rng(3), 500, count, block, lengths)
    starts = np.random.default_rng(3).multinomial(-(-count // block), np.full(count, 1 / count), 500)
    expected = np.zeros((500, count))
    begin = 0
    for length in lengths:
        for start in range(length):
            for step in range(min(block, length)):
                expected[:, begin + (start + step) % length] += starts[:, begin + start]
        begin += length
    np.testing.assert_array_equal(weights, expected)


def test_clips_are_drawn_if_there_are_five_and_sessions_if_clips_share_them():
    rng = np.random.default_rng(4)
    clips = [make_clip(f"clip-{i}", rng.uniform(0, 9, 6)) for i in range(6)]
    assert build_measures(clips[:5], POINT).unit == "clips"
    assert build_measures(clips[:4], POINT).unit == "blocks"
    parts = [make_clip(f"{i}-{part}", rng.uniform(0, 9, 6), f"session-{i}") for i in range(5) for part in "ab"]
    found = build_measures(parts, POINT)
    assert (found.unit, found.num_units) == ("sessions", 5)
    np.testing.assert_allclose(found.counts[:, 0, 0], 12)
    assert build_measures(parts[:8], POINT).unit == "blocks"  # eight clips, but only four sessions


def test_frames_of_a_session_are_put_in_the_order_of_their_positions():
    parts = [make_clip("small", [1, 2], "s", first=4), make_clip("large", [3, 4], "s", first=0)]
    np.testing.assert_allclose(build_measures(parts, POINT).sums[:, 0, 0], [3, 4, 1, 2])


def test_a_single_clip_says_what_was_drawn_and_that_it_is_a_lower_bound():
    errors = correlated_errors(np.random.default_rng(5), 1, 300, 0.9)[0]
    limits = bootstrap.intervals(build_measures([make_clip("a", errors)], POINT), {})
    assert limits["unit"] == "blocks"
    assert limits["block_frames"] > 5
    assert limits["num_units"] == -(-300 // limits["block_frames"])
    assert limits["lower_bound"]
    text = resampling.describe_interval(limits)
    assert f"resamples of {limits['num_units']} blocks of {limits['block_frames']} consecutive labelled frames." in text
    assert "fewer than 5 independent clips" in text
    assert "a lower bound of the uncertainty" in text


def test_intervals_over_clips_make_no_such_reservation():
    clips = [make_clip(str(i), [i, i + 1]) for i in range(5)]
    limits = bootstrap.intervals(build_measures(clips, POINT), {})
    assert (limits["unit"], limits["block_frames"], limits["lower_bound"]) == ("clips", None, False)
    assert resampling.describe_interval(limits) == "95 % bootstrap intervals, 2000 resamples of 5 clips."


def test_a_difference_on_one_clip_is_drawn_in_the_longer_blocks_of_both_runs():
    rng = np.random.default_rng(6)
    slow, fast = correlated_errors(rng, 2, 400, 0.9)
    fast = rng.permutation(fast)
    found = [
        bootstrap.paired_difference(*runs, "mean_error_px", POINT)
        for runs in (
            ([make_clip("a", slow)], [make_clip("a", fast)]),
            ([make_clip("a", fast)], [make_clip("a", slow)]),
        )
    ]
    assert found[0]["num_units"] == found[1]["num_units"] < 100
    np.testing.assert_allclose(found[0]["interval"], [-end for end in found[1]["interval"][::-1]])


def test_groups_of_sessions_are_drawn_if_there_are_enough_of_them():
    sessions = [f"session {i}" for i in range(4 * resampling.MIN_GROUPS)]
    for count, unit in ((resampling.MIN_GROUPS, resampling.GROUPS), (resampling.MIN_GROUPS - 1, resampling.BLOCKS)):
        groups = [f"group {i % count}" for i in range(len(sessions))]
        assert resampling.choose_unit(sessions, groups) == unit
