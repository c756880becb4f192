"""Graphs are traced once, for all sizes, and never warned about."""

import logging

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.inference.graphs import FrameGraphs, Graph
from keras_pose.inference.lite_net import LiteNet
from keras_pose.models.pose_net import PoseNet
from tests.helpers import dots


def test_a_graph_is_traced_at_its_first_call_and_never_again():
    traced = []

    def total(batch, factor):
        traced.append(1)
        return factor * tf.reduce_sum(tf.cast(batch["frames"], tf.float32))

    graph = Graph(total, {"frames": tf.TensorSpec([None, None], tf.uint8)}, tf.TensorSpec([], tf.float32))
    assert traced == []
    for rows, columns in [(1, 1), (2, 5), (0, 3), (4, 4)]:
        assert graph({"frames": np.ones((rows, columns), np.uint8)}, 2).numpy() == 2 * rows * columns
    assert traced == [1]


def test_many_graphs_of_one_line_of_code_are_no_reason_for_a_warning(caplog):
    with caplog.at_level(logging.WARNING, logger="tensorflow"):
        for factor in range(12):
            assert Graph(lambda x, f=factor: f * x, tf.TensorSpec([], tf.float32))(3.0).numpy() == 3 * factor
    assert caplog.records == []


def test_frames_become_maps_and_maps_become_joints():
    net = PoseNet(dots.dot_net((64, 96)))
    graphs = FrameGraphs(net, (64, 96), 2)
    frame = dots.dots((64, 96), (20, 30), (70, 40), sigma_px=7)
    maps = graphs.run_net(frame[None])
    assert maps.shape == (1, 16, 24, 2)
    np.testing.assert_allclose(graphs.decode(maps)[0, :, :2], [[20, 30], [70, 40]], atol=0.5)


@pytest.mark.parametrize("has_lite", [False, True])
def test_the_first_of_two_modes_is_the_joint_to_the_last_bit(has_lite):
    net = PoseNet(dots.dot_net((64, 96)))
    graphs = FrameGraphs(net, (64, 96), 2, LiteNet(net) if has_lite else None)
    maps = np.random.default_rng(0).uniform(size=(5, 16, 24, 2)).astype(np.float32)
    both = np.asarray(graphs.decode_modes(maps))
    np.testing.assert_array_equal(both[..., :3], graphs.decode(maps))
    points, heights = net.codec().decode_modes(maps, max_modes=2)
    assert np.asarray(heights)[..., 1].min() > 0  # noise has many modes
    np.testing.assert_allclose(both[..., 3:5], points[:, :, 1], atol=1e-3)
    np.testing.assert_allclose(both[..., 5], heights[..., 1], atol=1e-5)
