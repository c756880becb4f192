"""Designs to compare with."""

import keras
import numpy as np
import pytest

from benchmarks.peers.keras_designs import DESIGNS
from keras_pose.models.pose_net import PoseNet


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_a_design_is_a_heatmap_net_at_stride_4_that_learns(name):
    keras.utils.set_random_seed(0)
    net = DESIGNS[name](3, (64, 96))
    frames = np.random.default_rng(0).uniform(0, 255, (2, 64, 96, 3)).astype(np.float32)
    outputs = net(frames, training=False)
    supervised = {"heatmaps", "trunk_heatmaps"} if name == "hourglass" else {"heatmaps"}
    assert set(outputs) == supervised
    assert all(maps.shape == (2, 16, 24, 3) and not np.any(maps) for maps in outputs.values())
    assert PoseNet(net).main_output() == "heatmaps"
    net.compile(keras.optimizers.Adam(1e-2), dict.fromkeys(supervised, "mse"), jit_compile=False)
    targets = {output: np.ones((2, 16, 24, 3), np.float32) for output in supervised}
    losses = [net.train_on_batch(frames, targets, return_dict=True)["loss"] for _ in range(6)]
    assert losses[-1] < 0.7 * losses[0]
