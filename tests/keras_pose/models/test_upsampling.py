"""DoubleSize: what UpSampling2D does, also under XLA."""

import keras
import numpy as np
import tensorflow as tf

from keras_pose.models.upsampling import DoubleSize

X = np.random.default_rng(0).normal(size=(2, 3, 5, 4)).astype(np.float32)


def test_repeats_every_pixel():
    np.testing.assert_array_equal(DoubleSize()(X), X.repeat(2, axis=1).repeat(2, axis=2))


def test_same_values_and_gradients_as_the_resize_with_and_without_xla():
    weights = np.random.default_rng(1).normal(size=(2, 6, 10, 4)).astype(np.float32)

    def gradient(layer):
        x = tf.constant(X)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_sum(layer(x) * weights)
        return tape.gradient(value, x)

    expected = gradient(keras.layers.UpSampling2D(2))
    np.testing.assert_allclose(gradient(DoubleSize()), expected, rtol=1e-5, atol=1e-6)
    layer = DoubleSize()
    np.testing.assert_allclose(tf.function(lambda: gradient(layer), jit_compile=True)(), expected, rtol=1e-5, atol=1e-6)


def test_unknown_sizes_and_half_precision():
    frames = keras.Input((None, None, 4), dtype="float16")
    outputs = DoubleSize(dtype="float16")(frames)
    assert tuple(outputs.shape) == (None, None, None, 4)
    assert keras.Model(frames, outputs)(X.astype(np.float16)).shape == (2, 6, 10, 4)
