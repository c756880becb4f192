"""Folded nets have the outputs of the nets with batch norm."""

import keras
import numpy as np
import pytest

from keras_pose.models import factory
from keras_pose.models.folding import fold_norms

NORM = keras.layers.BatchNormalization


def with_statistics(model):
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, NORM):
            layer.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
        elif layer.name in model.output:
            layer.set_weights([rng.normal(size=weight.shape) for weight in layer.get_weights()])
    return model


def norms(model):
    return [layer.name for layer in model.layers if isinstance(layer, NORM)]


@pytest.mark.parametrize(("kind", "preset"), [("heatmap", "lite"), ("coordinate", "lite"), ("heatmap", "mobilenet_v2")])
def test_outputs_are_those_of_the_net(kind, preset):
    keras.utils.set_random_seed(0)
    model = with_statistics(factory.build_model(kind, preset, 2, (32, 32), width=0.25))
    folded = fold_norms(model)
    assert norms(model)
    assert norms(folded) == []
    frames = np.random.default_rng(1).uniform(0, 255, (2, 32, 32, 3)).astype(np.float32)
    expected = model(frames, training=False)
    received = folded(frames, training=False)
    assert set(received) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(received[name], value, atol=2e-5 * max(1.0, np.abs(value).max()))


def test_a_net_without_batch_norm_stays_as_it_is():
    model = factory.build_model("heatmap", "paper", 2, (32, 32), width=0.05)
    assert fold_norms(model) is model


def test_a_norm_is_kept_if_others_read_the_convolution():
    frames = keras.Input((8, 8, 3), name="frames")
    read_twice = keras.layers.Conv2D(2, 3, padding="same", name="read_twice")(frames)
    output = keras.layers.Add()([NORM(name="kept")(read_twice), read_twice])
    alone = NORM(scale=False, name="without_scale")(keras.layers.DepthwiseConv2D(3, depth_multiplier=2)(output))
    model = with_statistics(keras.Model(frames, {"maps": alone, "also": NORM(name="first")(frames)}))
    folded = fold_norms(model)
    assert norms(folded) == ["kept", "first"] or norms(folded) == ["first", "kept"]
    image = np.random.default_rng(0).normal(size=(1, 8, 8, 3)).astype(np.float32)
    for name, value in model(image, training=False).items():
        np.testing.assert_allclose(folded(image, training=False)[name], value, atol=1e-5)
