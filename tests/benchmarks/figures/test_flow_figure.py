"""The figure of the flow of all estimators."""

import numpy as np
import pytest

from benchmarks import flow
from benchmarks.figures import flow_figure


@pytest.fixture(scope="module")
def pairs():
    return flow.open_pairs(clips=2, size_px=64)


def test_flow_is_white_at_rest_and_its_hue_turns_with_direction():
    wheel = flow_figure.color_flow(np.float32([[[0, 0], [2, 0], [-2, 0], [0, 9]]]), full_px=2)
    np.testing.assert_array_equal(wheel[0, 0], (255, 255, 255))
    np.testing.assert_array_equal(wheel[0, 1], (255, 0, 0))
    np.testing.assert_array_equal(wheel[0, 2], (0, 255, 255))
    np.testing.assert_allclose(wheel[0, 3], (128, 255, 0), atol=1)


def test_the_pair_drawn_is_the_one_that_moves_most(pairs):
    speeds = [np.linalg.norm(p.flow, axis=-1)[p.regions["body"]].sum() for p in pairs]
    slowest = pairs[int(np.argmin(speeds))]
    assert flow_figure.choose_pair(pairs) is not slowest
    still = flow.Pair(0, pairs[0].target, pairs[0].source, np.zeros_like(pairs[0].flow), pairs[0].regions)
    assert flow_figure.choose_pair([still, pairs[0]]) is pairs[0]
