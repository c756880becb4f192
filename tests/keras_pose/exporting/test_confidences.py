"""Confidences in the graph equal those of `Calibration`."""

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.exporting import confidences, fit_to_input
from tests.helpers.calibrations import make_calibration


def test_the_graph_computes_what_the_calibration_computes():
    calibration = make_calibration()
    scores = np.random.default_rng(0).uniform(0, 1, (6, 7)).astype(np.float32)
    scores[0] = 0
    scores[1] = 1
    answer = {"scores": tf.constant(scores), "valid": tf.constant(scores > 0)}
    sides = np.array([64, 100, 640, 640, 5, 1], np.float32)
    found = {name: value.numpy() for name, value in confidences.read(calibration, answer, tf.constant(sides)).items()}
    valid = scores > 0
    expected = np.where(valid, calibration.probabilities(scores), 0)
    np.testing.assert_allclose(found["confidences"], expected, atol=1e-6)
    expected = np.where(valid, calibration.expected_errors(scores) * sides[:, None], 0)
    np.testing.assert_allclose(found["expected_errors_px"], expected, rtol=1e-4)
    assert {value.dtype for value in found.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("size_hw", [(100, 80), (33, 500), (64, 48), (7, 7)])
def test_the_longer_side_of_whole_images(size_hw):
    frames = tf.zeros([1, *size_hw, 3], tf.uint8)
    _, to_frame, _ = fit_to_input.fit_to_input(frames, tf.zeros([4]), (64, 48))
    sides = confidences.longer_sides(to_frame[None], (64, 48))
    np.testing.assert_allclose(sides, [max(size_hw)], rtol=1e-5)


def test_the_longer_side_of_regions():
    frames = tf.zeros([1, 100, 80, 3], tf.uint8)
    regions = tf.constant([[5, 5, 30, 20], [5, 5, 10, 40], [0, 0, 0, 0], [3, 3, -1, 9]], tf.float32)
    to_frame = tf.stack([fit_to_input.fit_to_input(frames, region, (64, 64))[1] for region in regions])
    np.testing.assert_allclose(confidences.longer_sides(to_frame, (64, 64), regions), [30, 40, 100, 100], rtol=1e-5)
