"""The order of samples: whole passes, exact shares, the same from any place on."""

import collections

import numpy as np
import pytest

from keras_pose.data.drawing_order import CYCLE, EndlessOrder, divide_evenly


def test_one_part_comes_in_permutations():
    order = EndlessOrder([(1.0, np.arange(7))])
    drawn = order.positions(3, range(21))
    for start in (0, 7, 14):
        assert sorted(drawn[start : start + 7]) == list(range(7))
    assert drawn[:7] != drawn[7:14]
    expected = np.random.Generator(np.random.PCG64([3, 1])).permutation(7)  # runs that exist resume with this order
    assert drawn[7:14] == expected.tolist()


def test_parts_are_drawn_as_often_as_their_shares_say_and_each_in_whole_passes():
    few = np.arange(5)
    many = np.arange(5, 405)
    drawn = EndlessOrder([(0.3, few), (0.7, many)]).positions(0, range(2 * CYCLE))
    counts = collections.Counter(drawn)
    assert sum(counts[position] for position in few) == 600
    assert {counts[position] for position in few} == {120}
    assert {counts[position] for position in many} == {3, 4}
    in_batches = [sum(position < 5 for position in drawn[i : i + 20]) for i in range(0, 400, 20)]
    assert max(in_batches) < 16  # they are mixed


def test_any_place_can_be_asked_for_alone():
    parts = [(0.25, np.arange(3)), (0.75, np.arange(3, 20))]
    whole = EndlessOrder(parts).positions(5, range(2500))
    order = EndlessOrder(parts)
    assert [order.positions(5, [place])[0] for place in range(2499, 0, -7)] == whole[2499:0:-7]
    assert EndlessOrder(parts).positions(6, range(50)) != whole[:50]


def test_a_part_without_positions_is_refused():
    with pytest.raises(ValueError, match="received none in part 1"):
        EndlessOrder([(0.5, np.arange(3)), (0.5, np.arange(0))])


@pytest.mark.parametrize(
    ("shares", "total", "counts"),
    [([0.5, 0.5], 4, [2, 2]), ([1, 1, 1], 10, [4, 3, 3]), ([0.9999, 0.0001], 10, [9, 1]), ([0.2, 0.8], 10, [2, 8])],
)
def test_whole_numbers_follow_the_shares(shares, total, counts):
    assert divide_evenly(shares, total) == counts
