"""Folded batch norms: they change nothing but add a bias, are recognised by their weights, and stay frozen."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.models import flowing_net, folded_norms
from keras_pose.models.pose_net import PoseNet


def net(side=32):
    frames = keras.Input((side, side, 3), name="frames")
    x = keras.layers.Conv2D(4, 3, 4, padding="same")(frames)
    x = keras.layers.BatchNormalization(name="folded")(x)
    x = keras.layers.BatchNormalization(name="learning")(x)
    maps = keras.layers.Conv2D(2, 1, name="heatmaps")(x)
    return keras.Model(frames, {"heatmaps": maps}, name="heatmap_net")


def trainable(model):
    return {layer.name: bool(layer.trainable_weights) for layer in model.layers if layer.weights}


def test_it_only_adds_the_bias():
    norm = keras.layers.BatchNormalization(epsilon=1e-3)
    norm.build((None, 4))
    values = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    folded_norms.set_folded(norm, np.array([1, -2, 0, 3], np.float32))
    np.testing.assert_allclose(norm(tf.constant(values), training=True), values + [1, -2, 0, 3], atol=1e-6)


def test_only_folded_layers_are_frozen():
    model = net()
    assert folded_norms.freeze(model) == 0
    model.get_layer("folded").set_weights([np.full(4, value) for value in (1, 2, 0, 0.999)])
    assert folded_norms.freeze(model) == 1
    assert [name for name, learns in trainable(model).items() if not learns] == ["folded"]


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_they_are_recognised_in_weights_of_another_precision(dtype):
    model = net()
    folded_norms.set_folded(model.get_layer("folded"), np.ones(4, np.float32))
    copy = net()
    copy.set_weights([array.astype(dtype) for array in model.get_weights()])
    assert folded_norms.is_folded(copy.get_layer("folded"))
    assert not folded_norms.is_folded(copy.get_layer("learning"))


def test_a_flowing_net_keeps_them_frozen_in_all_phases():
    inner = net()
    folded_norms.set_folded(inner.get_layer("folded"), np.ones(4, np.float32))
    model = flowing_net.build_flowing_net(inner, 3, (32, 32))
    for frozen in (True, False):
        PoseNet(model).freeze_frame_net(frozen)
        found = trainable(model.get_layer("heatmap_net"))
        assert found["folded"] is False
        assert found["learning"] is not frozen
