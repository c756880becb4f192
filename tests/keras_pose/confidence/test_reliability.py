"""Bins, calibration error, Brier score and diagram, by hand and on samples whose probabilities are right."""

import numpy as np
import pytest

from keras_pose.confidence import reliability


def test_bins_have_equal_numbers_and_equal_probabilities_stay_together():
    probabilities = np.random.default_rng(0).permutation(np.linspace(0, 1, 1000))
    bins = reliability.bin_of(probabilities)
    assert np.bincount(bins).tolist() == [100] * 10
    assert all(probabilities[bins == b].max() < probabilities[bins == b + 1].min() for b in range(9))
    ties = np.repeat([0.2, 0.9], [150, 850])
    assert np.unique(reliability.bin_of(ties)).tolist() == [0, 1]
    assert np.bincount(reliability.bin_of(np.full(300, 0.5))).tolist() == [300]


def test_few_joints_have_few_bins():
    assert reliability.bin_of(np.linspace(0, 1, 59)).max() == 1
    assert reliability.bin_of(np.array([0.5])).tolist() == [0]
    assert len(reliability.bin_of(np.zeros(0))) == 0


def test_calibration_error_by_hand():
    probabilities = np.array([0.2, 0.4, 0.9, 0.9, 0.6, 1.0])
    within = np.array([0, 0, 1, 1, 1, 0], bool)
    bins = np.array([0, 0, 1, 1, 1, 1])
    sums = reliability.bin_sums(probabilities, within, bins)
    np.testing.assert_allclose(sums, [[2, 0.6, 0], [4, 3.4, 3]])
    assert reliability.calibration_error(sums) == pytest.approx((2 * 0.3 + 4 * 0.1) / 6)
    assert reliability.brier_score(probabilities, within) == pytest.approx((0.04 + 0.16 + 0.01 + 0.01 + 0.16 + 1) / 6)


def test_units_add_up_to_the_whole():
    rng = np.random.default_rng(1)
    probabilities = rng.random(500)
    within = rng.random(500) < probabilities
    bins = reliability.bin_of(probabilities)
    units = rng.integers(0, 7, 500)
    by_unit = reliability.bin_sums(probabilities, within, bins, units)
    assert by_unit.shape == (7, 10, 3)
    np.testing.assert_allclose(by_unit.sum(0), reliability.bin_sums(probabilities, within, bins))


def test_chance_is_taken_off_for_right_probabilities_and_a_real_error_stays():
    rng = np.random.default_rng(2)
    plain = []
    debiased = []
    shifted = []
    for _ in range(200):
        probabilities = rng.uniform(0.2, 0.8, 300)
        within = rng.random(300) < probabilities
        bins = reliability.bin_of(probabilities)
        sums = reliability.bin_sums(probabilities, within, bins)
        plain.append(reliability.calibration_error(sums))
        debiased.append(reliability.debiased_error(sums))
        shifted.append(reliability.debiased_error(reliability.bin_sums(probabilities + 0.2, within, bins)))
    assert np.mean(plain) > 0.055
    assert np.mean(debiased) < 0.7 * np.mean(plain)
    assert np.mean(shifted) == pytest.approx(0.2, abs=0.01)


def test_the_diagram_has_wilson_intervals():
    sums = np.array([[20, 5.0, 0], [100, 70.0, 80]])
    points = reliability.diagram(sums)
    np.testing.assert_allclose(points.predicted, [0.25, 0.7])
    np.testing.assert_allclose(points.observed, [0, 0.8])
    np.testing.assert_allclose(points.low, [0, 0.7112], atol=1e-4)
    np.testing.assert_allclose(points.high, [0.1611, 0.8666], atol=1e-4)
    assert points.counts.tolist() == [20, 100]


def test_no_joints_have_no_error():
    sums = reliability.bin_sums(np.zeros(0), np.zeros(0, bool), np.zeros(0, int))
    assert np.isnan(reliability.calibration_error(sums))
    assert np.isnan(reliability.debiased_error(sums))
