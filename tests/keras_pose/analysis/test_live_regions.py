"""Regions of live frames: opened when their size is known."""

import numpy as np
import pytest

from keras_pose.analysis.live_regions import LiveRegions

SMALL = np.zeros((60, 80, 3), np.uint8)
LARGE = np.zeros((240, 320, 3), np.uint8)


def test_a_box_is_checked_against_the_frame():
    assert LiveRegions("100,50,40,40").regions(0, LARGE) == {"person": (100, 50, 40, 40)}
    with pytest.raises(ValueError, match="^--region: expected a region that overlaps the frame of 80x60 px"):
        LiveRegions("100,50,40,40").regions(0, SMALL)


def test_following_begins_with_the_frame_and_anew_if_its_size_changes():
    regions = LiveRegions("follow", aspect=1.0, share=0.5)
    sure = np.full(7, 0.9, np.float32)
    for number in range(20):
        left, top, width, height = regions.regions(number, LARGE)["person"]
        if number == 0:
            assert (left <= 0, top <= 0, left + width >= 320, top + height >= 240) == (True,) * 4
        joints = np.random.default_rng(0).uniform((140, 100), (180, 140), (7, 2)).astype(np.float32)
        regions.update(number, "person", joints, sure)
    left, top, width, height = regions.regions(20, SMALL)["person"]
    assert left + width >= 80
    assert top + height >= 60
    assert max(width, height) <= 80
