"""Predictions at the steps of training: each with its weights, and the net is as before afterwards."""

import numpy as np

from keras_pose.runs import snapshots
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.showing import training_steps
from tests.helpers import shown_runs


def test_each_step_is_predicted_with_its_weights(heatmap_run, heatmap_net):
    before = [w.copy() for w in heatmap_net.model.get_weights()]
    shown = heatmap_net.read((0, 1))
    run = RunDirectory(heatmap_run)
    found = training_steps.predict_at_steps(run, heatmap_net, shown, print)
    assert found.steps == shown_runs.STEPS
    for a, b in zip(heatmap_net.model.get_weights(), before):
        np.testing.assert_array_equal(a, b)
    heatmap_net.model.set_weights(snapshots.read(snapshots.find(run)[5]))
    expected = heatmap_net.predict(shown)["heatmaps"]
    heatmap_net.model.set_weights(before)
    np.testing.assert_allclose(found.outputs[1], expected, atol=1e-6)
    assert not np.allclose(found.outputs[0], expected)


def test_weights_of_another_net_are_left_out(tmp_path, heatmap_net):
    run = RunDirectory(str(tmp_path))
    snapshots.write(run, 4, [np.zeros(3, np.float32)])
    lines = []
    found = training_steps.predict_at_steps(run, heatmap_net, heatmap_net.read((0,)), lines.append)
    assert found.steps == ()
    assert "step-00000004.npz is left out" in lines[0]
