"""The body's shift is the median motion of its joints."""

import numpy as np

from benchmarks.pooling import body_shift
from keras_pose.heatmaps import render_heatmaps


def test_one_joint_that_moves_another_way_changes_nothing():
    joints = np.ones((2, 5, 3), np.float32)
    joints[..., :2] = np.random.default_rng(0).uniform(20, 40, (1, 5, 2))
    joints[1, :, :2] += (12, -8)  # 3 and −2 heatmap px
    joints[1, 0, :2] -= 16
    maps = np.asarray(render_heatmaps(joints, (16, 16), 4, 1.5)).astype(np.float16)
    shifts = body_shift.find_shifts(maps, np.array([[1, 0, 1]]))
    np.testing.assert_allclose(shifts[0], [[3, -2], [0, 0], [3, -2]], atol=0.1)
