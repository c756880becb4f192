"""Heatmaps over frames: at the place that the matrix says, in the joints' colours."""

import numpy as np
import pytest

from keras_pose import geometry
from keras_pose.viz.heatmap_overlay import Overlay, lay_over

COLORS = ((255, 0, 0), (0, 0, 255))
GREY = 100


def maps_with(places):
    maps = np.zeros((20, 30, 2), np.float32)
    for j, (x, y) in enumerate(places):
        maps[y, x, j] = 1
    return maps


def test_each_map_tints_its_place_in_its_colour():
    frame = np.full((100, 150, 3), GREY, np.uint8)
    to_frame = geometry.translation(20, 0) @ geometry.scaling(4)
    lay_over(frame, Overlay(maps_with([(5, 10), (20, 3)]), to_frame), COLORS)
    x, y = geometry.transform_points([(5, 10), (20, 3)], to_frame).round().astype(int).T
    assert (x.tolist(), y.tolist()) == ([42, 102], [42, 14])
    assert frame[y[0], x[0], 0] > 180 > 60 > frame[y[0], x[0], 2]
    assert frame[y[1], x[1], 2] > 180 > 60 > frame[y[1], x[1], 0]
    assert (frame[:, :36] == GREY).all()
    assert (frame[60:] == GREY).all()


def test_weak_values_tint_weakly_and_the_background_not_at_all():
    changes = []
    for height in (0.01, 0.2, 0.6, 1.0, 3.0):
        frame = np.full((20, 30, 3), GREY, np.uint8)
        lay_over(frame, Overlay(height * maps_with([(5, 10), (20, 3)]), np.eye(3)), COLORS)
        changes.append(int(frame[10, 5, 0]) - GREY)
    assert changes[0] == 0 < changes[1] < changes[2] < changes[3] == changes[4]


def test_undefined_values_and_maps_of_other_joints():
    frame = np.full((20, 30, 3), GREY, np.uint8)
    lay_over(frame, Overlay(np.full((20, 30, 2), np.nan, np.float32), np.eye(3)), COLORS)
    assert (frame == GREY).all()
    with pytest.raises(ValueError, match=r"expected heatmaps \[h, w, 2\], received \[20, 30, 3\]"):
        lay_over(frame, Overlay(np.zeros((20, 30, 3)), np.eye(3)), COLORS)
