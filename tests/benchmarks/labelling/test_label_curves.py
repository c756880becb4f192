"""Labels needed at an error, and the comparison of two ways of choosing."""

import numpy as np
import pytest

from benchmarks.labelling import label_curves

BUDGETS = [10, 20, 40, 80]
CURVE = 100 / np.sqrt(BUDGETS)


def test_the_curve_is_interpolated_between_its_points():
    for budget, error in zip(BUDGETS, CURVE):
        assert label_curves.labels_needed(BUDGETS, CURVE, error) == pytest.approx(budget)
    assert label_curves.labels_needed(BUDGETS, CURVE, 100 / np.sqrt(30)) == pytest.approx(30)


def test_an_error_that_is_reached_at_once_needs_the_first_labels():
    assert label_curves.labels_needed(BUDGETS, CURVE, 1000) == 10


def test_beyond_the_last_point_the_curve_goes_on_to_twice_its_labels():
    assert label_curves.labels_needed(BUDGETS, CURVE, 100 / np.sqrt(100)) == pytest.approx(100)
    assert label_curves.labels_needed(BUDGETS, CURVE, 1e-3) == pytest.approx(160)
    assert label_curves.labels_needed(BUDGETS, np.full(4, 3.0), 2.0) == pytest.approx(160)


def test_a_bump_does_not_count_as_progress_lost():
    bumpy = CURVE.copy()
    bumpy[2] = bumpy[1] * 1.1
    assert label_curves.labels_needed(BUDGETS, bumpy, CURVE[1]) == pytest.approx(20)


def test_the_same_error_with_half_the_labels_saves_half():
    better = 100 / np.sqrt(2 * np.array(BUDGETS))
    assert label_curves.saved_share(BUDGETS, better, CURVE) == pytest.approx(0.5)
    assert label_curves.saved_share(BUDGETS, CURVE, CURVE) == pytest.approx(0.0)


def test_rows_hold_differences_with_intervals_over_seeds_and_clips():
    rng = np.random.default_rng(0)
    random = CURVE[None, :, None] * rng.uniform(0.8, 1.2, (4, 1, 30))
    rows = label_curves.compare("both", BUDGETS, random * 0.8, random, ">= 0.25")
    difference = next(row for row in rows if row.what == "80 labels: both − random")
    assert difference.low < difference.value < difference.high < 0
    saved = rows[-1]
    assert saved.value == pytest.approx(1 - 0.8**2, abs=0.01)
    assert saved.verdict == "holds"


def test_equal_ways_save_nothing_for_sure():
    rng = np.random.default_rng(1)
    a, b = (CURVE[None, :, None] * rng.uniform(0.5, 1.5, (3, 4, 20)) for _ in range(2))
    saved = label_curves.compare("both", BUDGETS, a, b, ">= 0.25")[-1]
    assert saved.low < 0 < saved.high
