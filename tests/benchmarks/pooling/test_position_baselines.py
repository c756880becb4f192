"""Baselines of positions on paths that are known."""

import numpy as np

from benchmarks.pooling import position_baselines

AT = np.arange(-5.0, 6.0)
PARABOLA = np.stack([40 + 2 * AT + 0.3 * AT**2, 10 - AT], -1)[None, :, None]  # [1, 11, 1, 2]
WHOLE = np.ones((1, 11), bool)


def test_a_parabola_is_found_whatever_one_frame_says():
    points = PARABOLA.copy()
    points[0, 5] += 30  # the middle itself is far off
    points[0, 8] -= 20
    fitted = position_baselines.robust_quadratic(points, WHOLE, scale_px=1.0)
    np.testing.assert_allclose(fitted[0, 0], PARABOLA[0, 5, 0], atol=0.05)


def test_frames_that_do_not_exist_do_not_count():
    points = PARABOLA.copy()
    points[0, :4] = 0
    valid = WHOLE.copy()
    valid[0, :4] = False
    fitted = position_baselines.robust_quadratic(points, valid, scale_px=1.0)
    np.testing.assert_allclose(fitted[0, 0], PARABOLA[0, 5, 0], atol=0.05)
    alone = np.arange(11)[None] == 5
    np.testing.assert_allclose(
        position_baselines.robust_quadratic(points, alone, 1.0)[0, 0], points[0, 5, 0], atol=0.01
    )


def test_the_median_of_three_drops_a_jump_and_needs_both_neighbours():
    points = PARABOLA.copy()
    points[0, 5, 0] += (50, -50)
    np.testing.assert_allclose(position_baselines.median_of_three(points, WHOLE)[0, 0], [42.3, 11.0 - 2])
    valid = WHOLE.copy()
    valid[0, 6] = False
    np.testing.assert_allclose(position_baselines.median_of_three(points, valid)[0, 0], points[0, 5, 0])


def test_the_median_offset_ignores_joints_without_a_label():
    points = np.random.default_rng(0).uniform(0, 50, (5, 3, 2))
    labels = np.concatenate([points + (2.0, -1.0), np.ones((5, 3, 1))], axis=-1)
    labels[0, 0, :2] += 100  # one label is far off
    labels[1:3, 1] = (np.nan, np.nan, 0)
    labels[:, 2, 2] = 0
    np.testing.assert_allclose(position_baselines.median_offset(points, labels), [(2, -1), (2, -1), (0, 0)])
