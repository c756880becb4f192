"""The coordinate net: weights counted by hand, positions in the middle at first, the pixel layer's numbers."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.models import coordinate_net, factory


def _frames(batch=2, height=64, width=64):
    return np.random.default_rng(0).uniform(0, 255, (batch, height, width, 3)).astype("float32")


def test_joints_are_in_the_middle_before_training():
    model = factory.build_model("coordinate", "lite", 5, (64, 96), width=0.25)
    joints = model(_frames(2, 64, 96))
    assert set(joints) == {"joints"}
    np.testing.assert_allclose(joints["joints"], np.broadcast_to([47.5, 31.5], (2, 5, 2)))


def test_pixels_follow_from_relative_positions():
    layer = coordinate_net.ToPixels((100, 200))
    relative = np.array([[[0, 0], [0.5, 0.5], [-0.5, -0.25]]], "float32")
    np.testing.assert_allclose(layer(relative), [[[99.5, 49.5], [199.5, 99.5], [-0.5, 24.5]]])


def test_pixel_layer_comes_back_from_its_config():
    layer = coordinate_net.ToPixels((100, 200), name="joints")
    again = coordinate_net.ToPixels.from_config(layer.get_config())
    assert again.size_hw == (100, 200)
    assert again.name == "joints"


def test_head_has_the_weights_of_its_layers():
    trunk = factory.build_model("heatmap", "paper", 7, fusion=False).count_params() - (256 * 7 + 7)
    norms = 3 * 4 * 64
    convolutions = 9 * 256 * 64 + 2 * 9 * 64 * 64
    dense = 8 * 8 * 64 * 1024 + 1024 + 1024 * 14 + 14
    assert factory.build_model("coordinate", "paper", 7).count_params() == trunk + convolutions + norms + dense


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_joints_are_float32_under_mixed_precision(policy):
    keras.mixed_precision.set_global_policy(policy)
    try:
        joints = factory.build_model("coordinate", "lite", 3, (64, 64), width=0.25)(_frames())["joints"]
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert joints.dtype == tf.float32
    np.testing.assert_allclose(joints, 31.5)


def test_gradients_reach_every_variable_behind_an_open_head():
    keras.utils.set_random_seed(0)
    model = factory.build_model("coordinate", "lite", 3, (64, 64), width=0.5)
    kernel, bias = model.get_layer("coordinates").get_weights()
    model.get_layer("coordinates").set_weights([np.random.default_rng(0).normal(size=kernel.shape), bias])
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model(_frames(8), training=True)["joints"] ** 2)
    for variable, gradient in zip(model.trainable_variables, tape.gradient(loss, model.trainable_variables)):
        assert np.abs(gradient).max() > 0, variable.name


def test_weights_come_back_from_file(tmp_path):
    model, other = (factory.build_model("coordinate", "lite", 3, (64, 64), width=0.25) for _ in range(2))
    kernel, bias = model.get_layer("coordinates").get_weights()
    model.get_layer("coordinates").set_weights([kernel + 0.1, bias])
    model.save_weights(str(tmp_path / "model.weights.h5"))
    other.load_weights(str(tmp_path / "model.weights.h5"))
    np.testing.assert_allclose(model(_frames())["joints"], other(_frames())["joints"], rtol=1e-4)
