"""A packed run predicts like the run, takes half the space, and stands alone."""

import os

import numpy as np
import pytest

from keras_pose.data.selection import DataSplit
from keras_pose.models import factory
from keras_pose.runs import packing, run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.trained import load_model
from keras_pose.skeleton import UPPER_BODY


@pytest.fixture
def run(tmp_path):
    config = TrainConfig.from_flags(run_dir=str(tmp_path / "run"), input_size="32", width=0.25, init_from="/gone")
    run = run_directory.prepare(config)
    run_directory.begin(run, config, UPPER_BODY, DataSplit([], [], []))
    factory.build_net(config.model, config.window, UPPER_BODY.num_joints).save_weights(run.weights)
    return run


def test_the_copy_has_the_weights_in_half_precision_and_needs_nothing_else(run, tmp_path):
    folder = str(tmp_path / "packed")
    size = packing.pack(run.path, folder)
    assert size < 0.85 * os.path.getsize(run.weights)
    (net, _, _), (copy, config, skeleton) = load_model(run.path), load_model(folder)
    for expected, received in zip(net.get_weights(), copy.get_weights()):
        assert received.dtype == expected.dtype
        np.testing.assert_allclose(received, expected, rtol=1e-3, atol=1e-7)
    assert (config.model.init_from, skeleton) == ("", UPPER_BODY)


def test_weights_too_large_for_half_precision_are_refused(run, tmp_path):
    model, _, _ = load_model(run.path)
    model.set_weights([w * 0 + 1e6 for w in model.get_weights()])
    model.save_weights(run.weights)
    with pytest.raises(ValueError, match="expected weights below 65504, .* has larger ones"):
        packing.pack(run.path, str(tmp_path / "packed"))
