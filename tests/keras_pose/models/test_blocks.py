"""Blocks: channel scaling, upsampling against NumPy, the head that starts at zero."""

import keras
import numpy as np
import pytest

from keras_pose.models import blocks


@pytest.mark.parametrize(
    ("channels", "width", "expected"),
    [(128, 1.0, 128), (128, 0.0625, 8), (64, 0.01, 4), (512, 2.0, 1024), (24, 0.3, 8)],
)
def test_channels_scale_to_multiples_of_four(channels, width, expected):
    assert blocks.scale_channels(channels, width) == expected


def test_upsampling_adds_the_finer_features_and_doubles_the_size():
    coarse = keras.Input((2, 3, 8))
    fine = keras.Input((4, 6, 4))
    model = keras.Model([coarse, fine], blocks.upsample_and_add(coarse, fine, 12, "up"))
    parts = keras.Model(model.inputs, [model.get_layer(f"up_{n}").output for n in ("coarse_relu", "skip_relu", "add")])
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=(2, 2, 3, 8)).astype("float32"), rng.normal(size=(2, 4, 6, 4)).astype("float32")]
    low, high, added = (np.asarray(part) for part in parts(inputs))
    np.testing.assert_allclose(added, low.repeat(2, axis=1).repeat(2, axis=2) + high, rtol=1e-6)
    assert model(inputs).shape == (2, 4, 6, 12)


def test_batch_norm_forgets_quickly():
    x = keras.Input((4, 4, 3))
    layer = keras.Model(x, blocks.conv_bn_relu(x, 4, 3, "a")).get_layer("a_bn")
    assert layer.momentum == pytest.approx(0.9)


def test_head_is_zero_at_first_and_linear():
    x = keras.Input((4, 4, 3))
    model = keras.Model(x, blocks.heatmap_head(x, 5, "maps"))
    inputs = np.random.default_rng(0).normal(size=(1, 4, 4, 3)).astype("float32")
    np.testing.assert_array_equal(model(inputs), np.zeros((1, 4, 4, 5)))
    kernel = -np.ones((1, 1, 3, 5), "float32")
    model.get_layer("maps").set_weights([kernel, np.zeros(5, "float32")])
    np.testing.assert_allclose(model(inputs), inputs @ kernel[0, 0], rtol=1e-5, atol=1e-6)


def test_frames_are_scaled_to_plus_minus_one():
    x = keras.Input((1, 3, 3))
    frames = np.array([0, 127.5, 255], "float32").reshape(1, 1, 3, 1).repeat(3, axis=-1)
    np.testing.assert_allclose(
        keras.Model(x, blocks.rescale_frames(x))(frames)[0, 0, :, 0], [-1, 0, 1], rtol=0, atol=1e-6
    )
