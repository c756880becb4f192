"""Runs that were never trained, with snapshots, and the nets of them that are shown."""

from __future__ import annotations

import numpy as np

from keras_pose.data import selection
from keras_pose.runs import snapshots, trained
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.showing.shown_net import ShownNet
from tests.helpers.tested_runs import write_tested_run

FLAGS = {
    "data": "signers:train:2",
    "test_data": "signers:test:2",
    "signer_frames": 4,
    "signer_size": 64,
    "width": 0.05,
    "input_size": "64",
}
STEPS = (1, 5, 20)


def write_shown_run(folder, steps=STEPS, **flags):
    """Writes a run whose maps become stronger from snapshot to snapshot; returns its folder."""
    path = write_tested_run(folder, **{**FLAGS, **flags})
    model = trained.load_model(path)[0]
    weights = model.get_weights()
    for step in steps:
        snapshots.write(RunDirectory(path), step, [np.float32(w) * (0.5 + 0.5 * step / 20) for w in weights])
    return path


def open_shown_net(path):
    """Returns the `ShownNet` of a run on the clips of its --test_data."""
    model, config, skeleton = trained.load_model(path)
    clips = selection.open_data(config.data.test_source, config.data).clips
    return ShownNet(model, config, skeleton, clips)
