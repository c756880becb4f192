"""People drawn into frames: where, how strongly, and what is left out."""

import numpy as np
import pytest

from keras_pose.skeleton import Skeleton
from keras_pose.viz import pose_marks
from keras_pose.viz.pose_drawing import draw_dashed_ring, draw_joint, draw_people, draw_trails, unit_px

ARM = Skeleton("arm", ("left_a", "right_a", "b"), (("left_a", "right_a"),), (("left_a", "b"), ("right_a", "b")))
BARE = Skeleton("bare", ARM.joints, ARM.flip_pairs)
POINTS = np.array([[[100.0, 100.0], [300.0, 100.0], [200.0, 200.0]]])
SIZE = (300, 400)
GREY = 128


def grey():
    return np.full((*SIZE, 3), GREY, np.uint8)


def changed(frame):
    return (frame != GREY).any(-1)


def test_each_joint_has_its_colour_at_its_place_and_the_rest_is_untouched():
    frame = grey()
    draw_people(frame, POINTS, BARE)
    for (x, y), color in zip(POINTS[0].astype(int), choose_colors()):
        np.testing.assert_array_equal(frame[y, x], color)
        np.testing.assert_array_equal(frame[y + 2, x - 1], color)
    places = np.argwhere(changed(frame))[:, ::-1]
    distances = np.linalg.norm(places[:, None] - POINTS[0], axis=-1).min(1)
    assert distances.max() < 8
    # The centre of what is drawn is the joint, to a fraction of a px.
    for x, y in POINTS[0]:
        near = places[np.linalg.norm(places - (x, y), axis=-1) < 20]
        np.testing.assert_allclose(near.mean(0), (x, y), atol=0.3)


def choose_colors():
    return pose_marks.LEFT_COLOR, pose_marks.RIGHT_COLOR, pose_marks.MIDDLE_COLOR


def test_positions_between_pixels_move_the_mark():
    centers = []
    for x in (50.0, 50.5):
        frame = np.zeros((100, 100, 3), np.uint8)
        draw_joint(frame, np.array([x, 50.0]), (255, 255, 255), pose_marks.DISC, 2.0)
        weights = frame[..., 0].astype(float).sum(0)
        centers.append(weights @ np.arange(100) / weights.sum())
    assert centers[1] - centers[0] == pytest.approx(0.5, abs=0.1)


def test_shapes_of_sides_differ():
    areas = {}
    corners = {}
    for shape in (pose_marks.DISC, pose_marks.SQUARE, pose_marks.DIAMOND):
        frame = np.zeros((100, 100, 3), np.uint8)
        draw_joint(frame, np.array([50.0, 50.0]), (255, 255, 255), shape, 6.0)
        bright = frame[..., 0] > 128
        areas[shape] = bright.sum()
        corners[shape] = (bool(bright[50 + 16, 50 + 16]), bool(bright[50, 50 + 22]))
    assert corners == {
        pose_marks.DISC: (False, False),
        pose_marks.SQUARE: (True, False),
        pose_marks.DIAMOND: (False, True),
    }
    assert max(areas.values()) < 1.15 * min(areas.values())  # no side looks larger


def test_edges_join_their_joints_in_the_colour_of_their_side():
    frame = grey()
    draw_people(frame, POINTS, ARM)
    np.testing.assert_array_equal(frame[150, 150], pose_marks.LEFT_COLOR)
    np.testing.assert_array_equal(frame[150, 250], pose_marks.RIGHT_COLOR)
    assert not changed(frame)[100, 130:270].any()


def test_joints_at_nan_and_their_edges_are_not_drawn():
    frame = grey()
    draw_people(frame, np.full((2, 3, 2), np.nan), ARM)
    draw_trails(frame, np.full((5, 1, 3, 2), np.nan), ARM)
    assert not changed(frame).any()
    points = POINTS.copy()
    points[0, 0, 1] = np.nan
    draw_people(frame, points, ARM)
    assert not changed(frame)[:, :180].any()
    assert changed(frame)[:, 180:].any()


def test_people_outside_the_frame_and_at_its_border_do_no_harm():
    frame = grey()
    draw_people(frame, POINTS - 1000, ARM, np.full((1, 3), 0.5))
    draw_people(frame, POINTS * 1e9, BARE, np.full((1, 3), 0.5), np.ones((1, 3), bool))
    assert not changed(frame).any()
    draw_people(frame, np.array([[[-2.0, -2.0], [402.0, 302.0], [200.0, -3.0]]]), BARE, np.full((1, 3), 0.5))
    assert changed(frame)[0, 0]
    assert changed(frame)[-1, -1]


def test_the_less_certain_the_fainter():
    strengths = []
    for confidence in (0.0, 0.4, 0.8, 1.0, np.nan):
        frame = grey()
        draw_people(frame, POINTS, ARM, np.full((1, 3), confidence))
        strengths.append(np.abs(frame[100, 100].astype(int) - GREY).sum())
        assert frame[150, 150, 2] > GREY  # the edge is there, too
    assert 0 < strengths[0] < strengths[1] < strengths[2] < strengths[3] == strengths[4]


def test_an_ambiguous_joint_has_a_dashed_ring():
    plain, marked = grey(), grey()
    draw_people(plain, POINTS, BARE)
    draw_people(marked, POINTS, BARE, ambiguous=np.array([[True, False, False]]))
    differs = (plain != marked).any(-1)
    assert differs[80:121, 80:121].sum() == differs.sum() > 0
    ring = grey()
    draw_dashed_ring(ring, np.array([100.0, 100.0]), 2.0)
    angles = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    on_circle = ring[
        (100 + 13.2 * np.sin(angles)).round().astype(int), (100 + 13.2 * np.cos(angles)).round().astype(int)
    ]
    white = on_circle.min(-1) > 200
    assert np.abs(np.diff(white.astype(int))).sum() in (15, 16)  # eight dashes
    assert not changed(ring)[96:105, 96:105].any()


def test_trails_fade_and_break_at_gaps():
    path = np.full((10, 1, 3, 2), np.nan)
    path[:, 0, 0] = np.stack([np.linspace(50, 350, 10), np.full(10, 150.0)], -1)
    path[4, 0, 0] = np.nan
    frame = grey()
    draw_trails(frame, path, ARM)
    row = np.abs(frame[150].astype(int) - GREY).sum(-1)
    assert 0 < row[70] < row[320]
    step = 300 / 9
    middles = [int(row[round(50 + step * (i + 0.5))]) for i in range(9)]
    assert [i for i, value in enumerate(middles) if not value] == [3, 4]  # from and to the missing position
    assert not changed(frame)[160:].any()


def test_strokes_grow_with_the_frame():
    shares = []
    for factor in (2, 6):
        frame = np.full((SIZE[0] * factor, SIZE[1] * factor, 3), GREY, np.uint8)
        draw_people(frame, POINTS * factor, ARM)
        shares.append(changed(frame).mean())
        assert unit_px(frame) == factor
    assert shares[1] == pytest.approx(shares[0], rel=0.2)


def test_drawing_works_on_a_part_of_a_larger_picture():
    whole = np.full((SIZE[0] + 40, SIZE[1] + 60, 3), GREY, np.uint8)
    draw_people(whole[20:-20, 30:-30], POINTS, ARM, np.full((1, 3), 0.7))
    alone = grey()
    draw_people(alone, POINTS, ARM, np.full((1, 3), 0.7))
    np.testing.assert_array_equal(whole[20:-20, 30:-30], alone)
    assert not changed(whole)[:20].any()


def test_wrong_frames_and_joints_are_refused():
    with pytest.raises(ValueError, match=r"expected a frame uint8 \[H, W, 3\], received float64"):
        draw_people(np.zeros((4, 4, 3)), POINTS, ARM)
    with pytest.raises(ValueError, match=r"expected joints \[P, 3, 2\] of skeleton 'arm', received \[3, 2\]"):
        draw_people(grey(), POINTS[0], ARM)
