"""--init_from loads the weights of the same net, and refuses all others without touching the model."""

import h5py
import numpy as np
import pytest

from keras_pose.data.selection import DataSplit
from keras_pose.models import factory
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import UPPER_BODY
from keras_pose.training import initial_weights
from tests.helpers import nets
from tests.helpers.skeletons import COCO_UPPER_BODY

CONFIG = TrainConfig.from_flags(run_dir="x", input_size="32", **nets.SMALL_FUSED)


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
        ({}, {"preset": "lite", "width": 0.25}, "--preset=paper there, lite here; --width=0.125 there, 0.25 here"),
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


def test_with_other_joints_all_but_the_heads_is_kept_and_maps_of_shared_joints(tmp_path):
    config, _ = make_run(tmp_path / "run", COCO_UPPER_BODY)
    source = build(config, COCO_UPPER_BODY)
    source.load_weights(str(tmp_path / "run" / "model.weights.h5"))
    for head in ("heatmaps", "trunk_heatmaps"):
        source.get_layer(head).set_weights(
            [np.random.default_rng(0).normal(size=w.shape) for w in source.get_layer(head).get_weights()]
        )
    source.save_weights(str(tmp_path / "run" / "model.weights.h5"))
    fresh = build(config)
    lines = []
    initial_weights.load(fresh, config.model.init_from, config, UPPER_BODY, lines.append)
    for layer in fresh.layers:
        if layer.name not in ("heatmaps", "trunk_heatmaps"):
            assert_equal(layer.get_weights(), source.get_layer(layer.name).get_weights())
    kernel, theirs = (net.get_layer("heatmaps").get_weights()[0] for net in (fresh, source))
    wrist = UPPER_BODY.index("left_wrist"), COCO_UPPER_BODY.index("left_wrist")
    np.testing.assert_array_equal(kernel[..., wrist[0]], theirs[..., wrist[1]])
    assert not kernel[..., UPPER_BODY.index("head")].any()
    assert "left_wrist" in lines[0]
    assert "has other joints: everything but the heads is kept" in lines[0]


def test_a_coordinate_net_with_other_joints_keeps_its_trunk(tmp_path):
    config, _ = make_run(tmp_path / "run", COCO_UPPER_BODY, model="coordinate")
    fresh = build(config)
    before = fresh.get_weights()
    initial_weights.load(fresh, config.model.init_from, config, UPPER_BODY, lambda line: None)
    changed = [not np.array_equal(a, b) for a, b in zip(before, fresh.get_weights())]
    assert changed[0]
    np.testing.assert_array_equal(fresh.get_weights()[-2], before[-2])


def test_pooling_is_not_taken_over_to_other_joints(tmp_path):
    config, _ = make_run(tmp_path / "run", COCO_UPPER_BODY, model="flowing", pooling="parametric", window=1)
    with pytest.raises(ValueError, match="--init_from=.*or a run of --model=heatmap, .*learnt for each joint"):
        initial_weights.load(build(config), config.model.init_from, config, UPPER_BODY)


@pytest.mark.parametrize("damage", ["missing array", "another shape", "no weights"])
def test_weights_that_are_not_what_the_flags_say_are_refused(tmp_path, damage):
    config, _ = make_run(tmp_path / "run", **nets.DEFAULT)
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
    with pytest.raises((OSError, ValueError), match="--init_from=|model.weights.h5: the weights cannot be read"):
        initial_weights.load(fresh, config.model.init_from, config, UPPER_BODY)
    assert_equal(fresh.get_weights(), before)
