"""Integer drawing of sprites against floating-point oracles."""

import numpy as np
import pytest

from keras_pose.data.synthetic import renderer


def test_bilinear_sampling_matches_a_float_oracle():
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (20, 30, 3)).astype(np.float32)
    matrix = np.array([[0.9, -0.3, 8.4], [0.25, 1.1, 3.7]])
    drawn = renderer.render(
        [renderer.pack_sprite(rgb, np.ones((20, 30), np.float32))], [np.stack([matrix] * 3)], (40, 48)
    )
    inverse = renderer.invert(matrix)
    compared = 0
    for y in range(40):
        for x in range(48):
            column, row = renderer.apply(inverse, x, y)
            if 0 <= column < 28.9 and 0 <= row < 18.9:
                c = int(column)
                r = int(row)
                fx = column - c
                fy = row - r
                near = rgb[r, c] * (1 - fx) + rgb[r, c + 1] * fx
                far = rgb[r + 1, c] * (1 - fx) + rgb[r + 1, c + 1] * fx
                np.testing.assert_allclose(drawn[y, x], near * (1 - fy) + far * fy, atol=4)
                compared += 1
    assert compared > 300


def test_later_layers_cover_earlier_ones_by_their_coverage():
    still = np.stack([np.array([[1.0, 0, 0], [0, 1, 0]])] * 3)
    red = renderer.pack_sprite(np.full((8, 8, 3), (200, 0, 0), np.float32), np.ones((8, 8), np.float32))
    half = np.zeros((8, 8), np.float32)
    half[:, :4] = 1
    half[:, 4:6] = 0.5
    green = renderer.pack_sprite(np.full((8, 8, 3), (0, 100, 0), np.float32), half)
    drawn = renderer.render([red, green], [still, still], (8, 8))[:7, :7].astype(int)
    np.testing.assert_allclose(drawn[:, :4], np.broadcast_to((0, 100, 0), (7, 4, 3)), atol=2)
    np.testing.assert_allclose(drawn[:, 4:6], np.broadcast_to((100, 50, 0), (7, 2, 3)), atol=3)
    np.testing.assert_allclose(drawn[:, 6:], np.broadcast_to((200, 0, 0), (7, 1, 3)), atol=2)


def test_moving_sprite_is_smeared_along_its_path_and_keeps_its_light():
    sprite = renderer.pack_sprite(np.full((9, 9, 3), 200, np.float32), np.pad(np.ones((5, 5), np.float32), 2))
    at = [np.array([[1.0, 0, 12 + shift], [0, 1, 10]]) for shift in (-4, 0, 4)]
    still = renderer.render([sprite], [np.stack([at[1]] * 3)], (30, 40)).astype(float)
    blurred = renderer.render([sprite], [np.stack(at)], (30, 40)).astype(float)
    assert blurred.sum() == pytest.approx(still.sum(), rel=0.03)
    assert (blurred[14].max(-1) > 10).sum() > (still[14].max(-1) > 10).sum() + 4
    np.testing.assert_array_equal(blurred.max((1, 2)) > 10, still.max((1, 2)) > 10)


def test_sprite_outside_the_frame_leaves_no_trace():
    sprite = renderer.pack_sprite(np.full((9, 9, 3), 200, np.float32), np.ones((9, 9), np.float32))
    away = np.stack([np.array([[1.0, 0, 100], [0, 1, -50]])] * 3)
    assert renderer.render([sprite], [away], (30, 40)).max() == 0


def test_inverse_undoes_the_map():
    matrices = np.random.default_rng(1).normal(size=(5, 2, 3)) + np.array([[2, 0, 0], [0, 2, 0]])
    x, y = renderer.apply(renderer.invert(matrices), *renderer.apply(matrices, 3.0, -7.0))
    np.testing.assert_allclose(x, 3, atol=1e-9)
    np.testing.assert_allclose(y, -7, atol=1e-9)


def test_covers_is_true_on_the_sprite_and_false_beside_it():
    coverage = np.pad(np.ones((3, 3), np.float32), 2)
    matrix = np.array([[1.0, 0, 10], [0, 1, 20]])
    covered = renderer.covers(coverage, matrix, np.array([13, 11, 0, 16]), np.array([23, 21, 0, 23]))
    np.testing.assert_array_equal(covered, [True, False, False, False])
