"""The picture of a live frame: people, regions, text."""

import numpy as np
import pytest

from keras_pose.skeleton import Skeleton
from keras_pose.viz.label_style import Style
from keras_pose.viz.live_picture import LivePerson, LivePicture

SKELETON = Skeleton("two", ("a", "b"), edges=(("a", "b"),))


def a_person(x, y, region=None):
    return LivePerson(np.array([(x, y), (np.nan, np.nan)]), np.array([0.9, 0.1]), None, region)


def changed(picture, plain):
    """Rows and columns of px that differ."""
    return np.nonzero((picture != plain).any(axis=-1))


@pytest.mark.parametrize(
    ("size_hw", "shown_hw"), [((48, 64), (480, 640)), ((720, 960), (720, 960)), ((1200, 2560), (600, 1280))]
)
def test_people_and_regions_are_drawn_at_their_places(size_hw, shown_hw):
    frame = np.full((*size_hw, 3), 128, np.uint8)
    height, width = size_hw
    region = (0.5 * width, 0.25 * height, 0.25 * width, 0.5 * height)
    nobody = a_person(np.nan, np.nan)
    plain = LivePicture("mine", SKELETON).draw(frame, {"a": nobody}, 0)
    picture = LivePicture("mine", SKELETON).draw(frame, {"a": a_person(0.25 * width, 0.5 * height, region)}, 0)
    assert picture.shape[1] == shown_hw[1]
    assert shown_hw[0] < picture.shape[0] < 1.1 * shown_hw[0]  # a line of text below
    rows, columns = changed(picture, plain)
    left = columns < 0.45 * shown_hw[1]
    assert np.mean(columns[left]) == pytest.approx(0.25 * shown_hw[1], abs=0.02 * shown_hw[1])
    assert np.mean(rows[left]) == pytest.approx(0.5 * shown_hw[0], abs=0.02 * shown_hw[0])
    assert columns[~left].min() == pytest.approx(0.5 * shown_hw[1], abs=2)
    assert columns[~left].max() == pytest.approx(0.75 * shown_hw[1], abs=2)
    assert (frame == 128).all()


def test_a_line_is_at_the_top_left():
    frame = np.full((480, 640, 3), 128, np.uint8)
    plain = LivePicture("mine", SKELETON).draw(frame, {}, 0)
    rows, columns = changed(LivePicture("mine", SKELETON).draw(frame, {}, 0, line="20 frames/s"), plain)
    assert len(rows) > 0
    assert rows.max() < 40
    assert columns.max() < 200


def test_trails_show_where_joints_were_in_the_frames_before():
    frame = np.full((480, 640, 3), 128, np.uint8)
    still, moving = LivePicture("mine", SKELETON), LivePicture("mine", SKELETON)
    for n, x in enumerate((100, 150, 200, 300)):
        with_trail = moving.draw(frame, {"a": a_person(x, 200)}, n)
    without = still.draw(frame, {"a": a_person(300, 200)}, 3)
    _, columns = changed(with_trail, without)
    assert columns.min() == pytest.approx(100, abs=6)
    assert columns.max() <= 310


def test_people_keep_their_colours_when_others_come_back():
    frame = np.full((480, 640, 3), 128, np.uint8)
    picture = LivePicture("mine", SKELETON, Style(trail_frames=0))
    both = {"a": a_person(100, 200), "b": a_person(500, 200)}
    first = picture.draw(frame, both, 0)
    alone = picture.draw(frame, {"b": both["b"]}, 1)
    assert (alone[190:211, 490:511] == first[190:211, 490:511]).all()
    assert (alone[190:211, 90:111] == 128).all()
    other_size = picture.draw(frame[:240], both, 2)
    assert other_size.shape[0] < first.shape[0]
