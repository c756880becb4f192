"""--init_from loads the best weights of the same net, and refuses all others without touching the model."""

import h5py
import numpy as np
import pytest

from keras_pose.data.selection import DataSplit
from keras_pose.models import factory
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import UPPER_BODY
from keras_pose.training import initial_weights
from tests.helpers.skeletons import COCO_UPPER_BODY

CONFIG = TrainConfig.from_flags(run_dir="x", input_size="32", width=0.25)


def build(config, skeleton=UPPER_BODY):
    return factory.build_net(config.model, config.window, skeleton.num_joints)


def make_run(path, skeleton=UPPER_BODY, **changes):
    """Writes a run with weights; returns the configuration of one that starts from it, and the weights."""
    config = CONFIG.replace(run_dir=str(path), **changes)
    run = run_directory.prepare(config)
    run_directory.begin(run, config, skeleton, DataSplit([], [], []))
    model = build(config, skeleton)
    model.save_weights(run.weights)
    return config.replace(run_dir="new", init_from=str(path)), model.get_weights()


def assert_equal(a, b):
    assert len(a) == len(b)
    for x, y in zip(a, b):
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("model", ["heatmap", "coordinate"])
def test_the_weights_of_the_same_net_are_loaded(tmp_path, model):
    config, weights = make_run(tmp_path / "run", model=model)
    fresh = build(config)
    assert not np.array_equal(fresh.get_weights()[0], weights[0])
    initial_weights.load(fresh, config.model.init_from, config, UPPER_BODY)
    assert_equal(fresh.get_weights(), weights)


def test_a_heatmap_net_may_start_from_another_input_size(tmp_path):
    config, weights = make_run(tmp_path / "run")
    config = config.replace(input_size="64")
    fresh = build(config)
    initial_weights.load(fresh, config.model.init_from, config, UPPER_BODY)
    assert_equal(fresh.get_weights(), weights)


@pytest.mark.parametrize(
    ("there", "here", "message"),
    [
        ({"width": 0.5}, {"width": 0.25}, "--width=0.5 there, 0.25 here"),
        ({}, {"fusion": False}, "--fusion=True there, False here"),
        ({"model": "coordinate"}, {"model": "heatmap"}, "--model=coordinate there, heatmap here"),
        ({"model": "coordinate"}, {"input_size": "64"}, "--input_size=32 there, 64 here"),
        ({}, {"preset": "paper", "width": 0.1}, "--preset=lite there, paper here; --width=0.25 there, 0.1 here"),
    ],
)
def test_another_net_is_refused_with_the_flags_that_differ(tmp_path, there, here, message):
    config, _ = make_run(tmp_path / "run", **there)
    config = config.replace(**here)
    fresh = build(config)
    before = fresh.get_weights()
    with pytest.raises(ValueError, match=f"--init_from=.*run: expected a run of the same net, received {message}"):
        initial_weights.load(fresh, config.model.init_from, config, UPPER_BODY)
    assert_equal(fresh.get_weights(), before)


def test_other_joints_are_refused(tmp_path):
    config, _ = make_run(tmp_path / "run", COCO_UPPER_BODY)
    with pytest.raises(ValueError, match="--init_from=.*run: expected the joints .*, received "):
        initial_weights.load(build(config), config.model.init_from, config, UPPER_BODY)


@pytest.mark.parametrize("damage", ["missing array", "another shape", "no weights"])
def test_weights_that_are_not_what_the_flags_say_are_refused(tmp_path, damage):
    config, _ = make_run(tmp_path / "run")
    path = tmp_path / "run" / "model.weights.h5"
    if damage == "no weights":
        path.write_bytes(b"nothing")
    else:
        with h5py.File(path, "r+") as file:
            name = "layers/batch_normalization/vars/3"
            del file[name]
            if damage == "another shape":
                file[name] = np.zeros(77, np.float32)
    fresh = build(config)
    before = fresh.get_weights()
    with pytest.raises(ValueError, match="--init_from=|expected weights of Keras"):
        initial_weights.load(fresh, config.model.init_from, config, UPPER_BODY)
    assert_equal(fresh.get_weights(), before)
