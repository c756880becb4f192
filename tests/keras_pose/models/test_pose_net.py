"""A net answers what it is, whatever it was built as."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.models import factory, flowing_net, heatmap_net, lite
from keras_pose.models.pose_net import PoseNet


def heatmap_model(size_hw=(64, 96), fusion=True):
    return factory.build_model("heatmap", "lite", 3, size_hw, width=0.25, fusion=fusion)


def flowing_model(pooling="parametric", num_frames=5):
    return flowing_net.build_flowing_net(heatmap_model(), num_frames, (64, 96), pooling)


def window(num_frames):
    numbers = tf.reshape(tf.range(num_frames, dtype=tf.float32), [1, num_frames, 1, 1, 1])
    return {
        "frames": numbers + tf.zeros([2, 1, 64, 96, 3]),
        "valid": tf.ones([2, num_frames]),
        "flows": tf.zeros([2, num_frames, 16, 24, 2]),
    }


def test_a_heatmap_net():
    net = PoseNet(heatmap_model())
    assert net.predicts_heatmaps()
    assert net.main_output() == "heatmaps"
    assert set(net.output_names()) == {"heatmaps", "trunk_heatmaps"}
    assert net.output_shape() == (16, 24, 3)
    assert not net.sees_window()
    assert net.num_neighbours() == 0
    assert net.pooling() is None
    assert net.frame_net() is net
    net.freeze_frame_net(True)  # has no net inside: nothing happens
    net.freeze_pooling(True)
    assert net.model.trainable


def test_a_coordinate_net():
    net = PoseNet(factory.build_model("coordinate", "lite", 3, (64, 96), width=0.25))
    assert not net.predicts_heatmaps()
    assert net.main_output() == "joints"
    assert net.output_shape() == (3, 2)
    points, scores = net.decode(np.full((1, 3, 2), 7.0, np.float16))
    assert points.dtype == tf.float32
    np.testing.assert_array_equal(points, np.full((1, 3, 2), 7.0))
    assert np.isnan(scores).all()
    assert scores.shape == (1, 3)


def test_a_flowing_net():
    net = PoseNet(flowing_model())
    assert net.sees_window()
    assert net.num_neighbours() == 2
    assert net.pooling().kind == "parametric"
    assert not net.frame_net().sees_window()
    assert net.frame_net().pooling() is None
    assert net.heatmap_stride() == net.frame_net().heatmap_stride() == 4


def test_a_net_with_flow_at_its_input_pools_nothing():
    model = heatmap_net.build_flow_input_net(lite.build_trunk, None, 3, 5, (64, 96), 0.25)
    net = PoseNet(model)
    assert net.sees_window()
    assert net.num_neighbours() == 2
    assert net.pooling() is None
    assert set(net.select_inputs(window(5))) == {"frames", "flows"}


def test_inputs_are_the_middle_frame_or_what_the_model_names():
    frames = PoseNet(heatmap_model()).select_inputs(window(5))
    np.testing.assert_array_equal(frames, np.full((2, 64, 96, 3), 2.0))
    assert set(PoseNet(flowing_model()).select_inputs(window(5))) == {"frames", "valid", "flows"}


def test_every_output_is_trained_against_the_same_joints():
    targets = tf.zeros([2, 3, 3])
    _, pairs = PoseNet(heatmap_model()).training_pair(window(1), targets)
    assert set(pairs) == {"heatmaps", "trunk_heatmaps"}
    assert all(value is targets for value in pairs.values())


@pytest.mark.parametrize("size_hw", [(64, 64), (None, None)])
def test_the_heatmap_stride_is_known(size_hw):
    assert PoseNet(heatmap_model(size_hw)).heatmap_stride() == 4


def test_a_coordinate_net_has_no_heatmap_stride():
    model = factory.build_model("coordinate", "lite", 2, (64, 64), width=0.25)
    with pytest.raises(ValueError, match="expected an output named 'heatmaps'"):
        PoseNet(model).heatmap_stride()


def test_decoding_heatmaps_gives_px_of_the_input():
    net = PoseNet(heatmap_model())
    truth = np.array([[[30.0, 20.0], [61.25, 33.5], [5.0, 50.0]]], np.float32)
    maps = net.codec().encode(np.concatenate([truth, np.ones((1, 3, 1), np.float32)], -1), (16, 24))
    points, scores = net.decode(maps)
    np.testing.assert_allclose(points, truth, atol=0.05)
    assert np.all(scores > 0.8)


@pytest.mark.parametrize("frozen", [True, False])
def test_freezing_leaves_the_pooling_to_learn(frozen):
    net = PoseNet(flowing_model())
    everything = len(net.model.trainable_variables)
    net.freeze_frame_net(not frozen)
    net.freeze_frame_net(frozen)
    assert len(net.model.trainable_variables) == (2 if frozen else everything)


def test_another_model_is_refused():
    inputs = keras.Input((4,), name="frames")
    with pytest.raises(ValueError, match="expected an output named 'heatmaps' or 'joints'"):
        PoseNet(keras.Model(inputs, {"classes": keras.layers.Dense(2)(inputs)}))
