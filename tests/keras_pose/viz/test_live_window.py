"""The live picture, and the window where there is a display."""

import os

import cv2
import numpy as np
import pytest

from keras_pose.skeleton import Skeleton
from keras_pose.viz import live_window

SKELETON = Skeleton("two", ("a", "b"), edges=(("a", "b"),))


@pytest.mark.parametrize(
    ("size_hw", "shown_hw"), [((48, 64), (480, 640)), ((720, 960), (720, 960)), ((1200, 2560), (600, 1280))]
)
def test_people_and_regions_are_drawn_at_their_places(size_hw, shown_hw):
    frame = np.full((*size_hw, 3), 128, np.uint8)
    height, width = size_hw
    joints = np.array([(0.25 * width, 0.5 * height), (np.nan, np.nan)])
    region = (0.5 * width, 0.25 * height, 0.25 * width, 0.5 * height)
    plain = live_window.draw_live(frame, [], SKELETON)
    picture = live_window.draw_live(frame, [(joints, region)], SKELETON)
    assert picture.shape == (*shown_hw, 3)
    rows, columns = np.nonzero((picture != plain).any(axis=-1))
    left = columns < 0.45 * shown_hw[1]
    assert np.mean(columns[left]) == pytest.approx(0.25 * shown_hw[1], abs=0.02 * shown_hw[1])
    assert np.mean(rows[left]) == pytest.approx(0.5 * shown_hw[0], abs=0.02 * shown_hw[0])
    assert columns[~left].min() == pytest.approx(0.5 * shown_hw[1], abs=2)
    assert columns[~left].max() == pytest.approx(0.75 * shown_hw[1], abs=2)
    assert (frame == 128).all()


def test_text_is_at_the_top_left():
    frame = np.full((480, 640, 3), 128, np.uint8)
    rows, columns = np.nonzero((live_window.draw_live(frame, [], SKELETON, "20 frames/s") != 128).any(axis=-1))
    assert rows.max() < 40
    assert columns.max() < 200


def test_without_a_display_there_is_a_reason(monkeypatch):
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":4711")
    assert live_window.why_no_window() in (
        "there is no display",
        "OpenCV was installed without windows (opencv-python-headless)",
    )


@pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a window needs a display (DISPLAY)")
def test_a_window_shows_pictures_until_it_is_closed():
    assert live_window.why_no_window() == ""
    with live_window.LiveWindow("test") as window:
        window.show(np.zeros((480, 640, 3), np.uint8))
        assert window.is_open
        cv2.destroyAllWindows()  # as the button of the window does
        window.poll()
        assert not window.is_open
