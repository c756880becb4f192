"""The picture of what a temporal pooling has learned."""

import numpy as np
import pytest

from keras_pose.viz.pooling_weights import draw_pooling_weights

JOINTS = ("head", "right_wrist", "left_wrist")
GROUPS = {"head": (0,), "wrist": (1, 2)}
OFFSETS = range(-4, 5)
BLUE = (0x00, 0x72, 0xB2)
VERMILION = (0xD5, 0x5E, 0x00)
GREEN = (0x00, 0x9E, 0x73)


def make_weights():
    weights = np.random.default_rng(0).uniform(-0.05, 0.1, (9, 3))
    weights[4] = (0.6, 0.8, 0.7)
    return weights


def left_half(picture):
    return picture[picture.shape[0] // 3 :, : picture.shape[1] // 2].astype(int)


def count(picture, color):
    return (np.abs(left_half(picture) - color).max(-1) < 12).sum()


def test_one_line_for_each_group_and_without_groups_for_each_joint():
    grouped = draw_pooling_weights(make_weights(), JOINTS, OFFSETS, GROUPS, dpi=80)
    single = draw_pooling_weights(make_weights(), JOINTS, OFFSETS, dpi=80)
    assert grouped.dtype == np.uint8
    assert min(count(grouped, BLUE), count(grouped, VERMILION)) > 200
    assert count(grouped, GREEN) == 0
    assert count(single, GREEN) > 200


def test_line_of_a_group_is_the_mean_of_its_joints():
    weights = make_weights()
    swapped = weights[:, [0, 2, 1]]
    np.testing.assert_array_equal(
        left_half(draw_pooling_weights(weights, JOINTS, OFFSETS, GROUPS, dpi=50)),
        left_half(draw_pooling_weights(swapped, JOINTS, OFFSETS, GROUPS, dpi=50)),
    )


def test_colors_of_neighbours_do_not_depend_on_the_current_frame():
    weights = make_weights()
    higher = weights.copy()
    higher[4] *= 3
    first, second = (draw_pooling_weights(w, JOINTS, OFFSETS, GROUPS, dpi=80) for w in (weights, higher))
    right = np.s_[:, first.shape[1] // 2 :]
    np.testing.assert_array_equal(first[right], second[right])
    other = weights.copy()
    other[0, 0] = -0.1
    assert (draw_pooling_weights(other, JOINTS, OFFSETS, GROUPS, dpi=80)[right] != first[right]).any()


def test_many_joints_with_odd_names_zero_weights_and_a_single_frame_are_drawn():
    names = [f"left_joint_with_a_long_name_{i}$_{{" for i in range(17)]
    many = draw_pooling_weights(np.zeros((3, 17)), names, (-1, 0, 1), dpi=50)
    one = draw_pooling_weights(np.ones((1, 1)), ("nose",), (0,), dpi=50)
    assert many.shape[0] > one.shape[0]
    assert min(many.min(), one.min()) < 128


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": np.zeros((3, 3))}, r"expected weights \[9 offsets, 3 joints\], received \[3, 3\]"),
        ({"weights": np.full((9, 3), np.nan)}, "finite weights"),
        ({"offsets": range(4, -5, -1)}, "rise by 1"),
        ({"groups": {"wrist": (1, 3)}}, "group wrist: expected positions among 3 joints"),
        ({"groups": {"wrist": ()}}, "group wrist"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    arguments = {"weights": make_weights(), "joints": JOINTS, "offsets": OFFSETS, "groups": GROUPS, **change}
    with pytest.raises(ValueError, match=message):
        draw_pooling_weights(**arguments)
