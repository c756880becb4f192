"""Layers whose `call` Keras does not rewrite, and still calls with the arguments that it has."""

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.autograph import without_autograph

SEEN = []


class Plain(keras.layers.Layer):
    """Adds 1 in training, and notes whether the function that runs is the one below."""

    @without_autograph
    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Adds 1 in training."""
        SEEN.append(inspect.currentframe().f_code.co_filename)
        return inputs + 1 if training else inputs


@pytest.mark.parametrize(("training", "expected"), [(True, 3.0), (False, 2.0)])
def test_a_layer_is_told_of_training_and_its_code_is_its_own(training, expected):
    SEEN.clear()
    inputs = keras.Input((1,))
    net = keras.Model(inputs, Plain()(inputs))
    graph = tf.function(lambda x: net(x, training=training), autograph=False)
    assert graph(np.float32([[2.0]])).numpy().tolist() == [[expected]]
    assert set(SEEN) == {__file__}


class Alone(keras.layers.Layer):
    """Takes nothing but its input."""

    @without_autograph
    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Doubles."""
        return 2 * x


def test_a_layer_that_knows_nothing_of_training_is_not_told():
    inputs = keras.Input((1,))
    assert keras.Model(inputs, Alone()(inputs))(np.float32([[2.0]]), training=True).numpy().tolist() == [[4.0]]
    assert list(inspect.signature(Alone.call).parameters) == ["self", "x"]
