"""The paper preset: weights counted by hand, kernels and places of the published table, receptive field."""

import keras
import numpy as np
import tensorflow as tf

from keras_pose.models import factory, paper

# (kernel side, channels in, channels out) of the published table, heads of 7 joints included
TRUNK = [(5, 3, 128), (5, 128, 128), (5, 128, 128), (9, 128, 256), (9, 256, 512), (1, 512, 256), (1, 256, 256)]
FIRST_HEAD = [(1, 256, 7)]
FUSION = [(7, 128 + 256, 64), (13, 64, 64), (13, 64, 128), (1, 128, 256), (1, 256, 7)]


def _count(layers):
    return sum(side * side * channels_in * out + out for side, channels_in, out in layers)


def test_weights_are_the_published_17_6_million():
    model = factory.build_model("heatmap", "paper", 7)
    expected = _count(TRUNK + FIRST_HEAD + FUSION)
    assert expected == 17_615_886
    assert model.count_params() == expected
    assert factory.build_model("heatmap", "paper", 7, fusion=False).count_params() == _count(TRUNK + FIRST_HEAD)


def test_maps_have_a_quarter_of_the_frame():
    model = factory.build_model("heatmap", "paper", 7)
    assert {key: tuple(maps.shape) for key, maps in model.output.items()} == {
        "heatmaps": (None, 64, 64, 7),
        "trunk_heatmaps": (None, 64, 64, 7),
    }


def test_early_features_come_from_conv3():
    frames = keras.Input((32, 32, 3))
    trunk = paper.build_trunk(frames, width=0.0625)
    model = keras.Model(frames, trunk.features)
    assert trunk.early is model.get_layer("conv3").output
    assert trunk.features is model.get_layer("conv7").output


def test_receptive_field_is_96_px_after_the_trunk():
    # conv1 to conv3 see 4 px, each pooled level doubles the step: 1 + 4 + 1 + 2*4 + 2 + 4*(4 + 8 + 8) = 96.
    model = factory.build_model("heatmap", "paper", 1, (256, 256), width=0.0625, fusion=False)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel, bias = layer.get_weights()
            layer.set_weights([np.full_like(kernel, 1 / kernel[..., 0].size), bias + 1])
    frames = tf.Variable(tf.random.stateless_uniform((1, 256, 256, 3), (0, 1), 0, 255))
    with tf.GradientTape() as tape:
        value = model(frames)["heatmaps"][0, 32, 32, 0]
    rows = np.abs(tape.gradient(value, frames).numpy()).max(axis=(0, 2, 3)).nonzero()[0]
    # Max-pooling passes the gradient to one of two px, so the outermost one may be missing.
    assert 94 <= rows.max() - rows.min() + 1 <= 96


def test_activations_keep_their_scale():
    keras.utils.set_random_seed(0)
    frames = keras.Input((32, 32, 3))
    model = keras.Model(frames, paper.build_trunk(frames, width=0.25).features)
    features = np.asarray(model(np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype("float32")))
    assert 0.1 < features.std() < 10


def test_black_border_is_black_where_the_plain_net_sees_grey():
    frames = keras.Input((32, 32, 3))
    nets = [keras.Model(frames, paper.build_trunk(frames, 0.0625, border).early) for border in (False, True)]
    nets[1].set_weights(nets[0].get_weights())
    for value, is_equal in ((0, [False, True]), (127.5, [True, False])):  # a frame that goes on beyond its border
        for net, same in zip(nets, is_equal):
            first = keras.Model(net.input, net.get_layer("conv1").output)
            maps = np.asarray(first(np.full((1, 32, 32, 3), value, "float32")))[0]
            assert np.allclose(maps[0, 0], maps[9, 9], atol=1e-4) == same
    assert nets[0].output_shape == nets[1].output_shape
