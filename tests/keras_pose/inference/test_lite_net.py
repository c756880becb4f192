"""A net in TensorFlow Lite gives the joints that TensorFlow gives; if it cannot, TensorFlow runs it."""

import logging

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.inference import lite_net
from keras_pose.inference.predictor import Predictor
from keras_pose.models import factory
from keras_pose.models.pose_net import PoseNet
from keras_pose.skeleton import Skeleton

SIZE_HW = (32, 64)
SKELETON = Skeleton("three", ("a", "b", "c"))
FRAMES = np.random.default_rng(0).integers(0, 256, (5, 40, 60, 3), np.uint8)


def with_weights(model):
    """Gives a net statistics and heads as after a training."""
    rng = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
        elif not layer.name.startswith(("rescaled", "frames")) and layer.name in model.output:
            layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    return PoseNet(model)


@pytest.fixture(scope="module")
def net():
    keras.utils.set_random_seed(0)
    return with_weights(factory.build_model("heatmap", "lite", 3, SIZE_HW, width=0.25))


@pytest.fixture(scope="module")
def lite(net):
    return lite_net.open_lite_net(net)


def test_joints_are_those_of_tensorflow(net, lite):
    plain, quick = (Predictor(net.model, SKELETON, SIZE_HW, lite=way) for way in (None, lite))
    for region in (None, (5.0, 3.0, 40.0, 30.0)):
        for expected, received in zip(plain.predict(FRAMES, region), quick.predict(FRAMES, region)):
            np.testing.assert_allclose(received, expected, atol=0.01)
    for expected, received in zip(plain.predict_modes(FRAMES), quick.predict_modes(FRAMES)):
        np.testing.assert_allclose(received, expected, atol=0.01)


def test_maps_are_those_of_tensorflow(net, lite):
    images = FRAMES[:, :32, :32].repeat(2, axis=2)
    expected = net.model(images.astype(np.float32), training=False)["heatmaps"]
    np.testing.assert_allclose(lite.run_net(images), expected, atol=1e-4 * np.abs(expected).max())


def test_positions_are_those_of_tensorflow():
    keras.utils.set_random_seed(0)
    net = with_weights(factory.build_model("coordinate", "lite", 3, SIZE_HW, width=0.25))
    lite = lite_net.open_lite_net(net)
    plain, quick = (Predictor(net.model, SKELETON, SIZE_HW, lite=way) for way in (None, lite))
    expected = plain.predict(FRAMES)
    received = quick.predict(FRAMES)
    np.testing.assert_allclose(received[0], expected[0], atol=0.01)
    assert np.isnan(received[1]).all()


def test_large_nets_stay_with_tensorflow(net, monkeypatch):
    monkeypatch.setattr(lite_net, "MOST_PRODUCTS", 1000)
    assert lite_net.open_lite_net(net) is None


def test_nets_for_any_size_stay_with_tensorflow():
    assert lite_net.open_lite_net(PoseNet(factory.build_model("heatmap", "lite", 3, (None, None), width=0.25))) is None


@keras.saving.register_keras_serializable("keras_pose_tests")
class ThroughText(keras.layers.Layer):
    """An operation that TensorFlow Lite does not have."""

    def call(self, x):
        return tf.strings.to_number(tf.strings.as_string(x[:, ::4, ::4]))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1] // 4, input_shape[2] // 4, input_shape[3])


def test_a_net_that_cannot_be_converted_stays_with_tensorflow(caplog):
    frames = keras.Input((*SIZE_HW, 3), name="frames")
    model = keras.Model(frames, {"heatmaps": ThroughText(name="heatmaps")(frames)}, name="odd")
    with caplog.at_level(logging.WARNING, logger="absl"):
        assert lite_net.open_lite_net(PoseNet(model)) is None
    assert "odd runs in TensorFlow, not TensorFlow Lite" in caplog.text


def test_a_net_with_other_results_stays_with_tensorflow(net, monkeypatch, caplog):
    monkeypatch.setattr(lite_net.LiteGraph, "__call__", lambda self, items: np.ones((1, 8, 16, 3), np.float32))
    with caplog.at_level(logging.WARNING, logger="absl"):
        assert lite_net.open_lite_net(net) is None
    assert "its output differs by" in caplog.text
