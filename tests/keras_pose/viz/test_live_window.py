"""The window where there is a display."""

import os

import cv2
import numpy as np
import pytest

from keras_pose.viz import live_window


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
