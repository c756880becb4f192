"""Frames fitted to the input with gathers and products: the same numbers as `fit_to_input`."""

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.exporting import fit_to_input, portable_fit

INPUT_HW = (24, 32)


def _fit_both(frames):
    expected, expected_to_frame, _ = fit_to_input.fit_to_input(tf.constant(frames), tf.zeros([4]), INPUT_HW)
    fitted, to_frame = portable_fit.fit_to_input(tf.constant(frames), INPUT_HW)
    np.testing.assert_array_equal(to_frame, expected_to_frame)
    return fitted.numpy(), expected.numpy()


@pytest.mark.parametrize(
    "size_hw",
    [(24, 32), (48, 64), (120, 160), (30, 30), (101, 77), (10, 200), (7, 5), (1, 1)],
    ids=["as is", "halved", "a fifth", "square", "not a whole factor", "wide", "enlarged", "one px"],
)
def test_the_numbers_are_those_of_fit_to_input(size_hw):
    frames = np.random.default_rng(3).integers(0, 256, (2, *size_hw, 3)).astype(np.uint8)
    fitted, expected = _fit_both(frames)
    # A sum in another order can round a grey level of the averaged frame to the other side.
    near = np.abs(fitted - expected) <= 1e-3
    assert near.mean() > 0.99
    np.testing.assert_allclose(fitted, expected, atol=1.001)


def test_what_lies_outside_the_frame_is_black():
    fitted, _ = _fit_both(np.full((1, 24, 96, 3), 200, np.uint8))
    np.testing.assert_array_equal(fitted[0, [0, -1]], 0)
    np.testing.assert_allclose(fitted[0, 12], 200)


def test_a_batch_has_the_numbers_of_its_frames():
    frames = np.random.default_rng(4).integers(0, 256, (3, 50, 70, 3)).astype(np.uint8)
    together, _ = portable_fit.fit_to_input(tf.constant(frames), INPUT_HW)
    alone = [portable_fit.fit_to_input(tf.constant(frame[None]), INPUT_HW)[0] for frame in frames]
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-4)
