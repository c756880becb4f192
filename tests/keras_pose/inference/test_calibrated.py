"""Poses of what is decoded: px of the frame, two modes."""

import numpy as np

from keras_pose.inference.calibrated import make_pose
from keras_pose.inference.engine import View, view_fitted


def test_joints_are_in_px_of_the_frame_and_far_modes_are_ambiguous():
    view = view_fitted(np.zeros((100, 100, 3), np.uint8), (20, 10, 64, 64), (32, 32))
    decoded = np.array([[8, 8, 0.8, 24, 24, 0.7], [8, 8, 0.8, 9, 8, 0.7], [8, 8, 0.8, 0, 0, 0]], np.float32)
    pose = make_pose(3, view, decoded)
    np.testing.assert_allclose(pose.joints[0], (8.5 * 2 - 0.5 + 20, 8.5 * 2 - 0.5 + 10))
    assert pose.ambiguous.tolist() == [True, False, False]
    assert make_pose(3, View(np.zeros((4, 4, 3), np.uint8), None, 4.0), decoded[:, :3]).ambiguous is None
