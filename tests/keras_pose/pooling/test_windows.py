"""Windows as tensors: folding and unfolding, the middle frame, pooling."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.flow import reliability
from keras_pose.pooling import windows
from keras_pose.pooling.temporal_pooling import TemporalPooling

X = np.random.default_rng(0).normal(size=(2, 5, 4, 6, 3)).astype(np.float32)


def test_folding_lists_the_frames_of_each_window_in_order():
    np.testing.assert_array_equal(windows.fold(X), X.reshape(10, 4, 6, 3))
    np.testing.assert_array_equal(windows.fold(X)[5 + 2], X[1, 2])


def test_unfolding_undoes_folding():
    np.testing.assert_array_equal(windows.unfold(windows.fold(X), 5), X)


def test_layers_know_the_shape_of_what_they_make():
    assert windows.FoldFrames().compute_output_shape((2, 5, 4, 6, 3)) == (None, 4, 6, 3)
    assert windows.UnfoldFrames(5).compute_output_shape((10, 4, 6, 3)) == (None, 5, 4, 6, 3)


def test_layers_do_the_same_with_unknown_sizes():
    frames = keras.Input((5, None, None, 3))
    folded = windows.FoldFrames()(frames)
    unfolded = windows.UnfoldFrames(5)(folded)
    middle = windows.MiddleFrame()(unfolded)
    assert tuple(folded.shape) == (None, None, None, 3)
    assert tuple(unfolded.shape) == (None, 5, None, None, 3)
    assert tuple(middle.shape) == (None, None, None, 3)
    outputs = keras.Model(frames, [folded, unfolded, middle])(X)
    for output, expected in zip(outputs, (X.reshape(10, 4, 6, 3), X, X[:, 2])):
        np.testing.assert_array_equal(output, expected)


@pytest.mark.parametrize("layer", [windows.FoldFrames(), windows.UnfoldFrames(5), windows.MiddleFrame()])
def test_layers_come_back_from_their_config(layer):
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()


@pytest.mark.parametrize("layer", [windows.FoldFrames, windows.MiddleFrame])
def test_layers_keep_grey_levels_under_mixed_precision(layer):
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        output = layer()(X + 0.0001)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert output.dtype == tf.float32
    assert np.isin(output, X + np.float32(0.0001)).all()


@pytest.mark.parametrize("kind", ["max", "data_dependent"])
def test_windows_are_pooled_with_reliability_only_if_the_kind_needs_it(kind):
    rng = np.random.default_rng(1)
    maps = rng.uniform(0, 1, (2, 3, 8, 8, 2)).astype(np.float32)
    frames = rng.uniform(0, 255, (2, 3, 8, 8, 3)).astype(np.float32)
    flows = rng.normal(size=(2, 3, 8, 8, 2)).astype(np.float32)
    valid = np.array([[0, 1, 1], [1, 1, 1]], np.float32)
    layer = TemporalPooling(kind)
    layer([maps, valid])
    layer.set_weights([weight + np.float32(0.5) for weight in layer.get_weights()])
    pooled = windows.pool_window(layer, maps, valid, frames, flows)
    expected = layer([maps, valid, reliability.window_reliability(frames, flows)])
    np.testing.assert_allclose(pooled, expected, rtol=1e-5)
    assert np.allclose(pooled, layer([maps, valid])) == (kind == "max")
