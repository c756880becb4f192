"""Reliability of flow inside the net: computed on frames that are averaged to the grid of the flow."""

import keras
import numpy as np
import tensorflow as tf

from keras_pose.flow import reliability
from keras_pose.pooling.flow_reliability import FlowReliability

RNG = np.random.default_rng(0)
FRAMES = RNG.uniform(0, 255, (2, 3, 16, 24, 3)).astype(np.float32)
FLOWS = RNG.normal(size=(2, 3, 4, 6, 2)).astype(np.float32)


def test_it_equals_the_reliability_of_averaged_frames():
    small = FRAMES.reshape(2, 3, 4, 4, 6, 4, 3).mean(axis=(3, 5))
    found = FlowReliability(4)([FRAMES, FLOWS])
    assert found.dtype == tf.float32
    np.testing.assert_allclose(found, reliability.window_reliability(small, FLOWS), atol=1e-5)
    assert 0 < np.mean(found) < 1


def test_frames_that_do_not_change_are_reliable():
    still = np.repeat(FRAMES[:, :1], 3, axis=1)
    np.testing.assert_array_equal(FlowReliability(4)([still, np.zeros_like(FLOWS)]), np.ones((2, 3, 4, 6)))


def test_no_gradient_goes_through_it():
    frames = tf.constant(FRAMES)
    flows = tf.constant(FLOWS)
    with tf.GradientTape() as tape:
        tape.watch([frames, flows])
        found = FlowReliability(4)([frames, flows])
    assert tape.gradient(found, [frames, flows]) == [None, None]


def test_unknown_sizes_and_config():
    frames = keras.Input((3, None, None, 3))
    flows = keras.Input((3, None, None, 2))
    layer = FlowReliability(4)
    found = layer([frames, flows])
    assert tuple(found.shape) == (None, 3, None, None)
    np.testing.assert_allclose(keras.Model([frames, flows], found)([FRAMES, FLOWS]), layer([FRAMES, FLOWS]), atol=1e-5)
    assert FlowReliability.from_config(layer.get_config()).get_config() == layer.get_config()
