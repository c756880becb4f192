"""Joints and edges drawn on frames."""

import numpy as np
import pytest

from keras_pose.data.clip import HIDDEN, VISIBLE
from keras_pose.skeleton import Skeleton
from keras_pose.viz.skeletons import draw_skeleton, draw_truth, enlarge, scale_points

PAIR = Skeleton("pair", ("a", "b"), edges=(("a", "b"),), colors=((255, 0, 0), (0, 0, 255)))
GREY = np.full((220, 220, 3), 128, np.uint8)
NAN = (np.nan, np.nan)


def test_joints_have_their_colours_and_the_edge_the_mean():
    drawn = draw_skeleton(GREY, [(50, 100), (150, 100)], PAIR)
    np.testing.assert_array_equal(drawn[100, 50], (255, 0, 0))
    np.testing.assert_array_equal(drawn[100, 150], (0, 0, 255))
    np.testing.assert_allclose(drawn[100, 100], (127, 0, 127), atol=30)
    assert (GREY == 128).all()
    assert (drawn[:80] == 128).all()


def test_hidden_joint_is_a_ring():
    joints = [(150, 300), (450, 300)]
    visibility = np.array([HIDDEN, VISIBLE])
    no_edges = Skeleton("pair", ("a", "b"), colors=PAIR.colors)
    drawn = draw_skeleton(np.full((660, 660, 3), 128, np.uint8), joints, no_edges, visibility)
    np.testing.assert_array_equal(drawn[300, 150], (128, 128, 128))
    np.testing.assert_array_equal(drawn[300, 150 + 13], (255, 0, 0))
    np.testing.assert_array_equal(drawn[300, 450], (0, 0, 255))


def test_unlabelled_joints_and_their_edges_are_left_out():
    assert (draw_skeleton(GREY, [NAN, NAN], PAIR) == GREY).all()
    assert (draw_truth(GREY, [NAN, NAN], PAIR, [(10, 10), (90, 90)]) == GREY).all()
    one = draw_skeleton(GREY, [NAN, (150, 100)], PAIR)
    assert (one[:, :130] == 128).all()


def test_truth_is_a_cross_with_a_line_to_the_prediction():
    alone = draw_truth(GREY, [(50, 100), NAN], PAIR)
    np.testing.assert_array_equal(alone[100, 50], (255, 0, 0))
    np.testing.assert_array_equal(alone[97, 53], (255, 0, 0))
    np.testing.assert_array_equal(alone[100, 57], (128, 128, 128))
    joined = draw_truth(GREY, [(50, 100), NAN], PAIR, [(90, 100), (150, 100)])
    assert joined[100, 75].min() > 200
    assert (joined[:, 120:] == 128).all()


def test_strokes_grow_with_the_picture():
    joints = np.array([(50.0, 100.0), (150.0, 100.0)])
    shares = []
    for side_px in (440, 1760):
        frame, scale = enlarge(GREY, side_px)
        shares.append((draw_skeleton(frame, scale_points(joints, scale), PAIR) != 128).any(-1).mean())
    assert shares[1] == pytest.approx(shares[0], rel=0.3)


def test_enlarged_points_stay_on_what_they_mark():
    frame = np.zeros((30, 40, 3), np.uint8)
    frame[10:13, 20:23] = 255  # centre (21, 11)
    large, scale = enlarge(frame, 200)
    assert large.shape == (150, 200, 3)
    rows, columns = np.nonzero(large[..., 0] > 127)
    np.testing.assert_allclose(scale_points((21, 11), scale), (columns.mean(), rows.mean()), atol=0.3)
    assert enlarge(frame, 20)[0].shape == (15, 20, 3)


def test_points_far_outside_do_not_break_the_drawing():
    drawn = draw_skeleton(GREY, [(1e9, -1e9), (100, 100)], PAIR)
    assert drawn.shape == GREY.shape


@pytest.mark.parametrize("draw", [draw_skeleton, draw_truth])
def test_wrong_shapes_are_refused(draw):
    with pytest.raises(ValueError, match=r"expected joints \[2, 2\] of skeleton 'pair', received \[3, 2\]"):
        draw(GREY, np.zeros((3, 2)), PAIR)
    with pytest.raises(ValueError, match=r"expected a frame uint8 \[H, W, 3\], received float64 \[8, 8\]"):
        draw(np.zeros((8, 8)), np.zeros((2, 2)), PAIR)
