"""Fusion: both inputs are used, the context reaches far, sizes unknown until called."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.models import blocks, fusion

BLOCKS = {"paper": fusion.build_paper, "light": fusion.build_light}


def _model(build, size=None, width=0.25):
    trunk = blocks.Trunk(keras.Input((size, size, 6), name="early"), keras.Input((size, size, 5), name="features"))
    return keras.Model(list(trunk), build(trunk, width))


@pytest.mark.parametrize("name", BLOCKS)
def test_fusion_keeps_the_size_of_the_maps(name):
    model = _model(BLOCKS[name])
    for height, width in ((8, 8), (16, 24)):
        assert model([tf.ones((2, height, width, 6)), tf.ones((2, height, width, 5))]).shape[:3] == (2, height, width)


@pytest.mark.parametrize(("name", "reach_px"), [("paper", 30), ("light", 26)])
def test_fusion_sees_early_and_last_features_from_afar(name, reach_px):
    keras.utils.set_random_seed(0)
    model = _model(BLOCKS[name], 64)
    inputs = [tf.random.stateless_normal((1, 64, 64, c), (0, c)) for c in (6, 5)]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        value = tf.reduce_sum(model(inputs, training=False)[0, 32, 32])
    for gradient in tape.gradient(value, inputs):
        rows = np.abs(gradient.numpy()).max(axis=(0, 2, 3)).nonzero()[0]
        assert rows.max() - rows.min() + 1 >= reach_px


def test_published_fusion_has_its_published_kernels():
    trunk = blocks.Trunk(keras.Input((8, 8, 128)), keras.Input((8, 8, 256)))
    model = keras.Model(list(trunk), fusion.build_paper(trunk))
    shapes = [tuple(layer.kernel.shape) for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert shapes == [(7, 7, 384, 64), (13, 13, 64, 64), (13, 13, 64, 128), (1, 1, 128, 256)]
