"""The calls that the benchmark of speed times."""

import numpy as np

from benchmarks import lite_speed
from keras_pose.models import factory


def test_a_training_step_learns_and_a_forward_pass_returns_heatmaps(monkeypatch):
    monkeypatch.setattr(lite_speed, "TRAIN_BATCH", 2)
    monkeypatch.setattr(lite_speed, "TRAIN_SIZE_HW", (32, 32))
    monkeypatch.setattr(lite_speed, "FORWARD_SIZE_HW", (64, 64))
    net = factory.build_model("heatmap", "lite", lite_speed.JOINTS, (None, None), width=0.25)
    run_step = lite_speed.make_training_step(net)
    first = run_step()
    for _ in range(20):
        last = run_step()
    assert last < first
    maps = lite_speed.make_forward(net)()
    assert maps.shape == (1, 16, 16, lite_speed.JOINTS)
    assert np.abs(maps).max() > 0
