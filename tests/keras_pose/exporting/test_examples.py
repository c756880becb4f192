"""The example frame: the same in every process, and the same as an image and as a frame."""

import numpy as np
import tensorflow as tf

from keras_pose.exporting import examples


def test_the_frame_never_changes():
    frame = examples.make_frame()
    assert (frame.dtype, frame.shape) == (np.uint8, (96, 128, 3))
    # Corners of the smooth background, then the two boxes; by hand from the formula.
    assert frame[0, 0].tolist() == [60, 40, 120]
    assert frame[95, 127].tolist() == [187, 135, int(120 + 40 * np.sin(127 / 9) * np.cos(95 / 7))]
    assert frame[30, 60].tolist() == [220, 180, 150]
    assert frame[89, 83].tolist() == [40, 60, 140]


def test_frames_are_a_batch_of_one():
    np.testing.assert_array_equal(examples.make_frames(), examples.make_frame()[None])


def test_jpegs_show_the_frame():
    first, second = examples.make_jpegs(2).numpy()
    assert first == second
    shown = tf.io.decode_jpeg(first).numpy().astype(int)
    assert np.abs(shown - examples.make_frame()).mean() < 3
