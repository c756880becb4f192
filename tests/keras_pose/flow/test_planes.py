"""Filters on stacks of planes, against OpenCV and by hand."""

import cv2
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.flow import planes


def as_planes(array):
    return tf.constant(np.asarray(array, np.float32))


def test_planes_turn_back_into_images():
    image = np.random.default_rng(0).standard_normal((2, 5, 7, 3)).astype(np.float32)
    assert planes.from_image(image).shape == (3, 2, 5, 7)
    np.testing.assert_array_equal(planes.to_image(planes.from_image(image)), image)


def test_filters_against_opencv():
    array = np.random.default_rng(1).standard_normal((2, 1, 9, 12)).astype(np.float32)
    smoothed = planes.smooth(as_planes(array)).numpy()
    medians = planes.median_3x3(as_planes(array)).numpy()
    by_x, by_y = (part.numpy() for part in planes.gradients(as_planes(array)))
    taps = np.float32((0.25, 0.5, 0.25))
    difference = np.float32((-0.5, 0, 0.5))
    nothing = np.ones(1, np.float32)
    for k in range(2):
        plane = array[k, 0]
        options = {"borderType": cv2.BORDER_REPLICATE}
        np.testing.assert_allclose(smoothed[k, 0], cv2.sepFilter2D(plane, -1, taps, taps, **options), atol=1e-6)
        np.testing.assert_allclose(by_x[k, 0], cv2.sepFilter2D(plane, -1, difference, nothing, **options), atol=1e-6)
        np.testing.assert_allclose(by_y[k, 0], cv2.sepFilter2D(plane, -1, nothing, difference, **options), atol=1e-6)
        np.testing.assert_array_equal(medians[k, 0], cv2.medianBlur(plane, 3))


def test_doubling_interpolates_between_pixel_centres():
    array = np.random.default_rng(2).standard_normal((2, 3, 4, 6)).astype(np.float32)
    doubled = planes.double(as_planes(array)).numpy()
    expected = cv2.resize(array[1, 2], (12, 8), interpolation=cv2.INTER_LINEAR)
    assert doubled.shape == (2, 3, 8, 12)
    np.testing.assert_allclose(doubled[1, 2], expected, atol=1e-6)


def test_neighbours_beyond_the_border_are_zero():
    right, left, below, above = (part.numpy()[0, 0] for part in planes.neighbours(as_planes([[[[1, 2], [3, 4]]]])))
    np.testing.assert_array_equal(right, [[2, 0], [4, 0]])
    np.testing.assert_array_equal(left, [[0, 1], [0, 3]])
    np.testing.assert_array_equal(below, [[3, 4], [0, 0]])
    np.testing.assert_array_equal(above, [[0, 0], [1, 2]])


@pytest.mark.parametrize("size_hw", [(5, 7), (8, 6), (8, 8)])
@pytest.mark.parametrize("known", [True, False])
def test_padding_repeats_the_last_row_and_column_up_to_the_multiple(size_hw, known):
    image = np.random.default_rng(3).standard_normal((2, *size_hw, 3)).astype(np.float32)
    shape = image.shape if known else [None, None, None, 3]
    pad = tf.function(lambda x: planes.pad_to_multiple(x, 4), input_signature=[tf.TensorSpec(shape, tf.float32)])
    expected = np.pad(image, [(0, 0), (0, -size_hw[0] % 4), (0, -size_hw[1] % 4), (0, 0)], mode="edge")
    np.testing.assert_array_equal(pad(image), expected)
