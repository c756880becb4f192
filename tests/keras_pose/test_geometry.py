"""Transforms between frame, input and heatmap: inverses, hand-computed points, and warped pixels."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_pose import geometry
from keras_pose.geometry import CropTransform

sizes = st.tuples(st.integers(17, 1100), st.integers(17, 1100))
input_sizes = st.tuples(st.sampled_from([64, 96, 128, 255, 256]), st.sampled_from([64, 101, 128, 192, 256]))
fractions = st.tuples(st.floats(-0.2, 0.8), st.floats(-0.2, 0.8), st.floats(0.2, 1.3), st.floats(0.2, 1.3))


def rotation(degrees, center_xy):
    """float64 [3, 3]: turns about `center_xy`; positive degrees turn x towards y."""
    cos = math.cos(math.radians(degrees))
    sin = math.sin(math.radians(degrees))
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    x, y = center_xy
    return geometry.translation(x, y) @ turn @ geometry.translation(-x, -y)


def mirroring(width):
    """float64 [3, 3]: maps x to (width − 1) − x."""
    return np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1]], np.float64)


def then(transform, matrix):
    """The transform followed by `matrix` (input px to input px)."""
    return CropTransform(matrix @ transform.matrix, transform.frame_size_hw, transform.input_size_hw)


@st.composite
def transforms(draw):
    """Any affine crop: odd sizes and aspects, regions, turns, mirrors, scales."""
    size_hw = draw(sizes)
    input_size_hw = draw(input_sizes)
    region = None
    if draw(st.booleans()):
        left, top, width, height = draw(fractions)
        region = (left * size_hw[1], top * size_hw[0], width * size_hw[1], height * size_hw[0])
    transform = CropTransform.fit(size_hw, input_size_hw, region)
    center = ((input_size_hw[1] - 1) / 2, (input_size_hw[0] - 1) / 2)
    transform = then(transform, rotation(draw(st.floats(-180, 180)), center))
    if draw(st.booleans()):
        transform = then(transform, mirroring(input_size_hw[1]))
    if draw(st.booleans()):
        transform = then(transform, geometry.scaling(draw(st.floats(0.7, 1.4))))
    return transform


def points_in(size_hw, count=20):
    height, width = size_hw
    return np.random.default_rng(0).uniform(-0.5, (width - 0.5, height - 0.5), (count, 2)).astype(np.float32)


def bright_dot(size_hw, center, sigma_px):
    """A smooth dot, uint8 [H, W, 3]."""
    y, x = np.mgrid[: size_hw[0], : size_hw[1]]
    squared = (x - center[0]) ** 2 + (y - center[1]) ** 2
    return np.repeat(255 * np.exp(-squared / (2 * sigma_px**2))[..., None], 3, axis=-1).round().astype(np.uint8)


def center_of_mass(image):
    weights = image[..., 0].astype(np.float64)
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    return np.array([(weights * x).sum(), (weights * y).sum()]) / weights.sum()


@given(transforms())
def test_frame_to_input_and_back_is_identity(transform):
    points = points_in(transform.frame_size_hw)
    np.testing.assert_allclose(transform.to_frame(transform.to_input(points)), points, atol=1e-3)


@given(transforms(), st.sampled_from([1, 2, 4, 8]))
def test_a_heatmap_is_the_input_scaled_by_its_stride(transform, stride):
    points = points_in(transform.frame_size_hw)
    heatmap_points = transform.to_heatmap(points, stride)
    np.testing.assert_allclose(heatmap_points, (transform.to_input(points) + 0.5) / stride - 0.5, atol=1e-3)


@given(sizes, input_sizes)
def test_fit_keeps_the_aspect_centres_and_fills_one_axis(size_hw, input_size_hw):
    transform = CropTransform.fit(size_hw, input_size_hw)
    corners = transform.to_input([[-0.5, -0.5], [size_hw[1] - 0.5, size_hw[0] - 0.5]])
    margins = corners[0] + 0.5, np.array(input_size_hw[::-1]) - 0.5 - corners[1]
    np.testing.assert_allclose(margins[0], margins[1], atol=1e-3)
    assert min(margins[0]) == pytest.approx(0, abs=1e-3)
    assert min(margins[0]) > -1e-3
    np.testing.assert_allclose((corners[1] - corners[0]) / size_hw[::-1], transform.scale, rtol=1e-5)


def test_half_size_maps_pixel_centres_by_hand():
    transform = CropTransform.fit((100, 200), (50, 100))
    np.testing.assert_allclose(
        transform.to_input([[0, 0], [1, 1], [199, 99]]), [[-0.25] * 2, [0.25] * 2, [99.25, 49.25]]
    )
    np.testing.assert_allclose(transform.to_heatmap([[3.5, 3.5]], 4), [[0, 0]], atol=1e-6)
    assert transform.scale == pytest.approx(0.5)


def test_a_region_may_be_smaller_than_a_pixel():
    transform = CropTransform.fit((100, 200), (64, 64), region=(20, 10, 0.5, 0.25))
    np.testing.assert_allclose(transform.to_input([[19.5, 9.5], [20.0, 9.75]]), [[-0.5, 15.5], [63.5, 47.5]])


def test_region_is_what_the_input_shows():
    transform = CropTransform.fit((100, 200), (64, 64), region=(20, 10, 32, 32))
    np.testing.assert_allclose(transform.to_input([[19.5, 9.5], [51.5, 41.5]]), [[-0.5, -0.5], [63.5, 63.5]], atol=1e-5)


@given(transforms())
def test_the_inverse_is_that_of_linear_algebra(transform):
    inverse = geometry.invert(transform.matrix)
    np.testing.assert_allclose(inverse, np.linalg.inv(transform.matrix), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(inverse @ transform.matrix, np.eye(3), atol=1e-9)


def test_a_shift_and_a_scale_move_points_by_hand():
    np.testing.assert_array_equal(geometry.transform_points([[1, 2]], geometry.translation(3, -5)), [[4, -3]])
    np.testing.assert_array_equal(geometry.transform_points([[1, 2]], geometry.scaling(2, 4)), [[2.5, 9.5]])
    np.testing.assert_array_equal(geometry.scaling(3), geometry.scaling(3, 3))


def test_resizing_by_area_averages_blocks_and_keeps_a_frame_of_that_size():
    frame = np.random.default_rng(0).integers(0, 256, (12, 20, 3), np.uint8)
    blocks = frame.reshape(6, 2, 10, 2, 3).mean((1, 3))
    np.testing.assert_allclose(geometry.resize_by_area(frame, (6, 10)), blocks, atol=0.5)
    assert geometry.resize_by_area(frame, (12, 20)) is frame


@pytest.mark.parametrize(
    ("size_hw", "reduced"), [((480, 640), (96, 128)), ((200, 300), (100, 150)), ((90, 90), (90, 90))]
)
def test_reduction_divides_by_the_largest_whole_factor_that_does_not_undershoot_the_input(size_hw, reduced):
    size, matrix = CropTransform.fit(size_hw, (96, 128)).reduction()
    assert size == reduced
    np.testing.assert_array_equal(matrix, geometry.scaling(reduced[1] / size_hw[1]))


def test_a_frame_of_one_column_stays_one_column():
    size, matrix = CropTransform.fit((400, 1), (64, 64)).reduction()
    assert size == (66, 1)
    np.testing.assert_array_equal(matrix, geometry.scaling(1, 66 / 400))


def test_nan_stays_nan_and_moves_nothing_else():
    points = np.array([[np.nan, np.nan], [3, 4]], np.float32)
    moved = CropTransform.fit((100, 100), (64, 64)).to_input(points)
    assert moved.dtype == np.float32
    assert np.isnan(moved[0]).all()
    assert np.isfinite(moved[1]).all()


@pytest.mark.parametrize("size_hw", [(97, 131), (480, 640), (1080, 1919), (128, 128), (333, 77)])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 25])
def test_warp_moves_a_dot_to_where_to_input_says(size_hw, mirrored, degrees):
    transform = then(CropTransform.fit(size_hw, (128, 112)), rotation(degrees, (55.5, 63.5)))
    if mirrored:
        transform = then(transform, mirroring(112))
    center = np.array([0.43 * size_hw[1] + 0.3, 0.58 * size_hw[0] + 0.1], np.float32)
    image = transform.warp(bright_dot(size_hw, center, 3 / transform.scale))
    assert image.shape == (128, 112, 3)
    assert image.dtype == np.uint8
    np.testing.assert_allclose(center_of_mass(image), transform.to_input(center), atol=0.03)


def test_warp_of_the_same_size_is_identity():
    frame = np.random.default_rng(0).integers(0, 256, (37, 53, 3), np.uint8)
    np.testing.assert_array_equal(CropTransform.fit((37, 53), (37, 53)).warp(frame), frame)


def test_warp_mirrors_pixels_exactly():
    frame = np.random.default_rng(0).integers(0, 256, (37, 53, 3), np.uint8)
    transform = then(CropTransform.fit((37, 53), (37, 53)), mirroring(53))
    np.testing.assert_array_equal(transform.warp(frame), frame[:, ::-1])


def test_the_border_of_a_warped_frame_is_black():
    frame = np.full((50, 100, 3), 200, np.uint8)
    image = CropTransform.fit((50, 100), (64, 64)).warp(frame)
    assert (image[:15] == 0).all()
    assert (image[-15:] == 0).all()
    assert (image[20:44] == 200).all()


def test_warp_takes_frames_thinner_than_the_reduction():
    image = CropTransform.fit((3, 600), (2, 32)).warp(np.full((3, 600, 3), 90, np.uint8))
    assert image.shape == (2, 32, 3)


def test_shrinking_averages_instead_of_skipping():
    frame = np.zeros((512, 512, 3), np.uint8)
    frame[::2] = 255
    image = CropTransform.fit((512, 512), (64, 64)).warp(frame)
    assert np.abs(image[2:-2].astype(int) - 127).max() <= 2


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: CropTransform(np.eye(2), (9, 9), (9, 9)), r"matrix: expected a finite affine map \[3, 3\]"),
        (lambda: CropTransform(np.eye(3, 4), (9, 9), (9, 9)), r"matrix: expected a finite affine map \[3, 3\]"),
        (lambda: CropTransform(np.full((3, 3), np.nan), (9, 9), (9, 9)), "matrix: expected a finite affine map"),
        (lambda: CropTransform(np.ones((3, 3)), (9, 9), (9, 9)), "matrix: expected a finite affine map"),
        (lambda: CropTransform(np.diag([1.0, 0, 1]), (9, 9), (9, 9)), "matrix: expected an invertible map, received"),
        (lambda: CropTransform(np.eye(3), (0, 9), (9, 9)), r"frame_size_hw: .* received \(0, 9\)"),
        (lambda: CropTransform(np.eye(3), (9, 9), (9, 9, 3)), r"input_size_hw: .* received \(9, 9, 3\)"),
        (lambda: CropTransform.fit((9, 9), (9, 9), (1, 1, 0, 5)), r"region: .* received \(1, 1, 0, 5\)"),
        (
            lambda: CropTransform.fit((9, 9), (9, 9), (1, float("nan"), 5, 5)),
            r"region: .* received \(1, nan, 5, 5\)",
        ),
        (lambda: CropTransform.fit((0, 9), (9, 9)), r"frame_size_hw: .* received \(0, 9\)"),
        (lambda: CropTransform.fit((9, 9), (9, 0)), r"input_size_hw: .* received \(9, 0\)"),
        (
            lambda: CropTransform.fit((9, 9), (9, 9)).warp(np.zeros((8, 9, 3), np.uint8)),
            r"frame: expected size \(9, 9\), received \(8, 9\)",
        ),
    ],
)
def test_errors_say_what_was_expected_and_received(build, message):
    with pytest.raises(ValueError, match=message):
        build()
