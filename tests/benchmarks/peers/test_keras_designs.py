"""Designs to compare with."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from benchmarks.peers.keras_designs import DESIGNS
from keras_pose.models.pose_net import PoseNet


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_a_design_is_a_heatmap_net_at_stride_4_whose_heads_can_learn(name):
    keras.utils.set_random_seed(0)
    net = DESIGNS[name](3, (32, 64))
    frames = np.random.default_rng(0).uniform(0, 255, (2, 32, 64, 3)).astype(np.float32)
    supervised = {"heatmaps", "trunk_heatmaps"} if name == "hourglass" else {"heatmaps"}
    assert PoseNet(net).main_output() == "heatmaps"
    with tf.GradientTape() as tape:
        outputs = net(frames, training=True)
        loss = tf.add_n([tf.reduce_mean(tf.square(maps - 1.0)) for maps in outputs.values()])
    assert set(outputs) == supervised
    assert all(maps.shape == (2, 8, 16, 3) and not np.any(maps) for maps in outputs.values())
    names = [getattr(variable, "path", variable.name) for variable in net.trainable_variables]
    gradients = dict(zip(names, tape.gradient(loss, net.trainable_variables)))
    for output in supervised:
        assert any(output in name and np.abs(gradient).max() > 1e-3 for name, gradient in gradients.items())
