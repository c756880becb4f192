"""A second mode close in height and far in place."""

import numpy as np
import pytest

from keras_pose.confidence.ambiguity import is_ambiguous


@pytest.mark.parametrize(
    ("second_point", "second_score", "expected"),
    [
        ((30, 10), 0.5, True),
        ((30, 10), 0.8, True),
        ((30, 10), 0.39, False),  # lower than half of 0.8
        ((19, 10), 0.8, False),  # 9 px of 100
        ((20, 10), 0.4, True),  # both just enough
        ((0, 0), 0.0, False),  # no second mode
        ((np.nan, 10), 0.8, False),
        ((30, 10), np.nan, False),
    ],
)
def test_one_joint(second_point, second_score, expected):
    assert is_ambiguous((10, 10), 0.8, second_point, second_score, 100) == expected


def test_joints_of_several_frames_with_a_side_each():
    points = np.zeros((2, 3, 2))
    second = np.full((2, 3, 2), 10.0)
    heights = np.full((2, 3), 0.6)
    found = is_ambiguous(points, heights, second, heights * [0.9, 0.2, 0.9], np.array([[100], [200]]))
    assert found.tolist() == [[True, False, True], [False, False, False]]


def test_a_map_without_any_mode_is_not_ambiguous():
    assert not is_ambiguous((0, 0), 0.0, (90, 90), 0.0, 100)
