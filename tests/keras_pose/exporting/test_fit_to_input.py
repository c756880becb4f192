"""Fitting frames to the input in the graph, as `geometry` does it with NumPy and OpenCV."""

import cv2
import numpy as np
import pytest
import tensorflow as tf

from keras_pose import geometry
from keras_pose.exporting.fit_to_input import fit_to_input

SIZE_HW = (64, 96)
WHOLE = (0.0, 0.0, 0.0, 0.0)


def picture(height, width, seed=0):
    """Returns a smooth picture, uint8 [height, width, 3]."""
    small = np.random.default_rng(seed).integers(0, 256, (7, 9, 3)).astype(np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="module")
def fit():
    """Function of frames [B, H, W, 3] and a region to the three results, as arrays; one graph, as in an export."""
    frames_spec = tf.TensorSpec([None, None, None, 3], tf.uint8)
    run = tf.function(
        lambda frames, region: fit_to_input(frames, region, SIZE_HW),
        input_signature=[frames_spec, tf.TensorSpec([4], tf.float32)],
    )
    return lambda frames, region=WHOLE: [value.numpy() for value in run(frames, np.float32(region))]


@pytest.mark.parametrize("size_hw", [(64, 96), (48, 48), (130, 195), (480, 641), (1, 5), (7, 900)])
def test_whole_frames_are_fitted_as_geometry_fits_them(fit, size_hw):
    frames = np.stack([picture(*size_hw), picture(*size_hw, seed=1)])
    crop = geometry.CropTransform.fit(size_hw, SIZE_HW)
    fitted, to_frame, usable = fit(frames)
    assert usable
    assert (fitted.dtype, fitted.shape, to_frame.dtype) == (np.float32, (2, *SIZE_HW, 3), np.float32)
    np.testing.assert_allclose(to_frame, np.linalg.inv(crop.matrix), rtol=1e-6, atol=1e-6)
    for received, frame in zip(fitted, frames):
        # OpenCV rounds positions to 1/32 px, and grey levels.
        np.testing.assert_allclose(received, crop.warp(frame), atol=12)
        assert np.abs(received - crop.warp(frame)).mean() < 1.0


@pytest.mark.parametrize("region", [(10, 20, 100, 50), (-30.5, -10, 300, 260), (150, 90, 8, 5), (0, 0, 200, 180)])
def test_regions_are_fitted_as_geometry_fits_them(fit, region):
    frame = picture(180, 200)
    crop = geometry.CropTransform.fit((180, 200), SIZE_HW, region)
    fitted, to_frame, usable = fit(frame[None], region)
    assert usable
    np.testing.assert_allclose(to_frame, np.linalg.inv(crop.matrix), rtol=1e-6, atol=1e-6)
    assert np.abs(fitted[0] - crop.warp(frame)).mean() < 1.0


def test_a_frame_of_the_input_size_is_unchanged(fit):
    frame = picture(*SIZE_HW)
    fitted, to_frame, _ = fit(frame[None])
    np.testing.assert_allclose(fitted[0], frame, atol=1e-3)
    np.testing.assert_array_equal(to_frame, np.eye(3))


def test_a_whole_factor_averages_blocks_of_pixels(fit):
    frame = np.random.default_rng(2).integers(0, 256, (3 * SIZE_HW[0], 3 * SIZE_HW[1], 3)).astype(np.uint8)
    blocks = frame.reshape(SIZE_HW[0], 3, SIZE_HW[1], 3, 3).mean((1, 3))
    fitted, to_frame, _ = fit(frame[None])
    np.testing.assert_allclose(fitted[0], np.round(blocks), atol=1e-2)
    np.testing.assert_allclose(to_frame, [[3, 0, 1], [0, 3, 1], [0, 0, 1]], atol=1e-6)


def test_points_go_to_the_input_and_back(fit):
    region = np.float32([31.25, 12.5, 640, 360])
    _, to_frame, _ = fit(np.zeros([1, 720, 1280, 3], np.uint8), region)
    points = np.random.default_rng(0).uniform(0, 700, (50, 2))
    crop = geometry.CropTransform.fit((720, 1280), SIZE_HW, region)
    back = geometry.transform_points(crop.to_input(points), to_frame.astype(np.float64))
    np.testing.assert_allclose(back, points, atol=1e-3)


@pytest.mark.parametrize("region", [(5, 5, -1, 10), (5, 5, 10, 0)])
def test_a_region_without_area_is_the_whole_frame(fit, region):
    frames = picture(50, 60)[None]
    for received, expected in zip(fit(frames, region), fit(frames)):
        np.testing.assert_array_equal(received, expected)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e30, 1e-30])
def test_unusable_numbers_give_black_frames_and_finite_matrices(fit, number):
    for shift in range(4) if number != 1e-30 else (2, 3):
        fitted, to_frame, usable = fit(picture(50, 60)[None], np.roll((number, 5, 40, 30), shift))
        assert not usable
        assert not fitted.any()
        assert np.isfinite(to_frame).all()


def test_an_empty_batch_stays_empty(fit):
    assert fit(np.zeros([0, 40, 50, 3], np.uint8))[0].shape == (0, *SIZE_HW, 3)
