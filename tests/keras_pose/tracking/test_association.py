import itertools

import numpy as np
import pytest

from keras_pose.tracking.association import match, overlaps


def overlap_by_pixels(a, b):
    def mask(box):
        y, x = np.mgrid[:40, :40]
        return (x >= box[0]) & (x < box[0] + box[2]) & (y >= box[1]) & (y < box[1] + box[3])

    return (mask(a) & mask(b)).sum() / (mask(a) | mask(b)).sum()


def test_overlaps_are_those_of_the_pixels():
    rng = np.random.default_rng(0)
    first, second = (np.concatenate([rng.integers(0, 20, (n, 2)), rng.integers(1, 20, (n, 2))], 1) for n in (5, 4))
    expected = [[overlap_by_pixels(a, b) for b in second] for a in first]
    np.testing.assert_allclose(overlaps(first, second), expected)


def test_the_sum_of_overlaps_is_the_largest():
    rng = np.random.default_rng(1)
    for _ in range(20):
        first, second = (np.concatenate([rng.uniform(0, 10, (4, 2)), rng.uniform(10, 20, (4, 2))], 1) for _ in range(2))
        found = overlaps(first, second)
        best = max(sum(found[n, k] for n, k in enumerate(order)) for order in itertools.permutations(range(4)))
        pairs = match(first, second, 1e-9)
        assert sum(found[pair] for pair in pairs) == pytest.approx(best)


def test_boxes_that_overlap_too_little_are_no_pair():
    first = [(0, 0, 10, 10), (100, 0, 10, 10)]
    second = [(103, 0, 10, 10), (9, 9, 10, 10)]
    assert match(first, second, 0.3) == [(1, 0)]


@pytest.mark.parametrize(("first", "second"), [([], []), ([], [(0, 0, 1, 1)]), ([(0, 0, 1, 1)], [])])
def test_nobody_is_fine(first, second):
    assert match(first, second, 0.3) == []


def test_boxes_without_area_overlap_nothing():
    assert overlaps([(0, 0, 0, 0)], [(0, 0, 0, 0)]) == [[0]]
