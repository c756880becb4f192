"""The trunk of MoveNet without batch norm: shapes, and the layers of Keras' MobileNetV2."""

import keras
import numpy as np

from keras_pose.models import factory, folded_mobilenet


def test_it_comes_back_to_stride_4_and_has_no_batch_norm():
    frames = keras.Input((None, None, 3), name="frames")
    trunk = folded_mobilenet.build_trunk(frames)
    model = keras.Model(frames, list(trunk))
    early, features = model(np.zeros((1, 64, 96, 3), np.float32))
    assert (early.shape, features.shape) == ((1, 16, 24, 24), (1, 16, 24, 96))
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers)


def test_its_convolutions_are_those_of_mobilenet_v2():
    theirs = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(64, 64, 3))
    ours = factory.build_model("heatmap", "movenet", 2, (64, 64), fusion=False)
    kinds = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)
    for layer in theirs.layers:
        if isinstance(layer, kinds):
            assert ours.get_layer(layer.name).get_weights()[0].shape == layer.get_weights()[0].shape
            assert ours.get_layer(layer.name).output.shape == layer.output.shape
