"""A net in TensorFlow Lite gives the joints that TensorFlow gives, in batches of any size."""

import keras
import numpy as np
import pytest

from keras_pose.inference.lite_net import LiteNet
from keras_pose.inference.predictor import Predictor
from keras_pose.models import factory
from keras_pose.models.pose_net import PoseNet
from keras_pose.skeleton import Skeleton


@pytest.fixture(scope="module")
def net():
    keras.utils.set_random_seed(0)
    model = factory.build_model("heatmap", "lite", 3, (32, 64), width=0.25, fusion=False)
    head = model.get_layer("heatmaps")
    head.set_weights([np.random.default_rng(1).normal(size=w.shape) for w in head.get_weights()])
    return PoseNet(model)


@pytest.fixture(scope="module")
def lite(net):
    return LiteNet(net)


def test_joints_are_those_of_tensorflow(net, lite):
    frames = np.random.default_rng(0).integers(0, 256, (5, 40, 60, 3), np.uint8)
    skeleton = Skeleton("three", ("a", "b", "c"))
    plain, quick = (Predictor(net.model, skeleton, (32, 64), lite=way) for way in (None, lite))
    for expected, received in zip(plain.predict(frames), quick.predict(frames)):
        np.testing.assert_allclose(received, expected, atol=0.01)
    for expected, received in zip(plain.predict_modes(frames), quick.predict_modes(frames)):
        np.testing.assert_allclose(received, expected, atol=0.01)


def test_a_frame_has_the_same_maps_in_any_batch(net, lite):
    frames = np.random.default_rng(0).integers(0, 256, (3, 32, 64, 3), np.uint8)
    together = lite.run_net(frames)
    assert together.shape == (3, *net.output_shape())
    np.testing.assert_array_equal(lite.run_net(frames[1:2])[0], together[1])
    assert lite.decode(together).shape == (3, 3, 3)
