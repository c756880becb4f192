"""The decoder of separable convolutions: sizes, width, and what its skips add."""

import keras
import numpy as np
import pytest

from keras_pose.models import separable_decoder


def _build(width=1.0, norm=True):
    sizes = ((2, 3, 40), (4, 6, 20), (8, 12, 10), (16, 24, 6))
    inputs = [keras.Input(size) for size in sizes]
    return keras.Model(inputs, separable_decoder.decode(inputs[0], inputs[1:], width, norm))


@pytest.mark.parametrize(("width", "channels"), [(1.0, 96), (0.5, 48)])
def test_it_comes_back_to_the_finest_skip(width, channels):
    assert _build(width).output_shape == (None, 16, 24, channels)


@pytest.mark.parametrize("norm", [True, False])
def test_a_skip_changes_what_is_near_it(norm):
    keras.utils.set_random_seed(0)
    model = _build(norm=norm)
    assert any(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers) == norm
    inputs = [np.zeros((1, *shape[1:]), np.float32) for shape in model.input_shape]
    before = np.asarray(model(inputs))
    inputs[3][0, 8, 8] = 100
    change = np.abs(np.asarray(model(inputs)) - before).max(-1)[0]
    assert change[6:11, 6:11].max() > 0
    change[6:11, 6:11] = 0
    assert change.max() == 0
