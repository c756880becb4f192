"""The factory: every kind and preset is built, wrong values are refused by the name of their flag."""

import numpy as np
import pytest

from keras_pose.models import factory, presets
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs.config import TrainConfig

SMALL = {"paper": 0.0625}


@pytest.mark.parametrize("kind", factory.SINGLE_FRAME_KINDS)
@pytest.mark.parametrize("preset", ["paper", "lite", "mobilenet_v3_small"])
def test_every_kind_predicts(kind, preset):
    model = factory.build_model(kind, preset, 4, (32, 64), width=SMALL.get(preset, 0.25))
    outputs = model(np.zeros((1, 32, 64, 3), "float32"))
    if kind == "heatmap":
        assert outputs["heatmaps"].shape == outputs["trunk_heatmaps"].shape == (1, 8, 16, 4)
    else:
        assert outputs["joints"].shape == (1, 4, 2)


def test_width_shrinks_the_net():
    full, half = (factory.build_model("heatmap", "lite", 7, width=w).count_params() for w in (1.0, 0.5))
    assert 0.2 * full < half < 0.35 * full


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "pictorial"}, r"--model: expected one of heatmap, coordinate, received 'pictorial'"),
        ({"preset": "huge"}, r"--preset: expected one of .*lite, .*received 'huge'"),
        ({"num_joints": 0}, r"num_joints: expected at least 1, received 0"),
        ({"width": 0}, r"--width: .*received 0"),
        ({"width": float("nan")}, r"--width: .*received nan"),
        ({"input_size_hw": (100, 64)}, r"--input_size: .*multiples of 32, received \(100, 64\)"),
        ({"input_size_hw": (0, 64)}, r"--input_size: .*received \(0, 64\)"),
        ({"input_size_hw": (64,)}, r"--input_size: expected \(height, width\), received \(64,\)"),
        ({"preset": "paper", "input_size_hw": (66, 64)}, r"--input_size: .*multiples of 4"),
        ({"kind": "coordinate", "preset": "paper", "input_size_hw": (36, 64)}, r"--input_size: .*multiples of 32"),
        ({"kind": "coordinate", "input_size_hw": (None, None)}, r"--input_size: a coordinate net needs a known size"),
        ({"backbone_weights": "imagenet"}, r"--backbone_weights: preset lite has no backbone"),
    ],
)
def test_wrong_values_are_refused_by_flag(change, message):
    arguments = {"kind": "heatmap", "preset": "lite", "num_joints": 2, "input_size_hw": (64, 64), **change}
    with pytest.raises(ValueError, match=message):
        factory.build_model(**arguments)


def test_the_names_of_presets_are_what_is_built():
    assert set(factory.PRESETS) == set(presets.PRESETS)


def build(**flags):
    config = TrainConfig.from_flags(run_dir="x", width=0.25, input_size="32,64", window=2, **flags)
    return PoseNet(factory.build_net(config.model, config.window, 3))


def test_flags_build_nets_for_single_frames():
    net = build(fusion=False)
    assert net.output_names() == ["heatmaps"]
    assert (net.sees_window(), net.input_size_hw(), net.output_shape()) == (False, (32, 64), (8, 16, 3))
    assert build(model="coordinate").output_shape() == (3, 2)


@pytest.mark.parametrize("flow", ["dis_fast", "in_graph"])
def test_flags_build_a_flowing_net_that_sees_its_window(flow):
    net = build(model="flowing", flow=flow, pooling="sum")
    assert (net.num_neighbours(), net.output_shape()) == (2, (8, 16, 3))
    assert net.pooling() is not None
    names = {tensor.name.split(":")[0] for tensor in net.model.inputs}
    assert names == ({"frames", "valid"} if flow == "in_graph" else {"frames", "valid", "flows"})


def test_flags_build_a_net_that_takes_flow_as_input():
    net = build(model="flow_input")
    assert (net.num_neighbours(), net.output_shape(), net.pooling()) == (2, (8, 16, 3), None)
    with pytest.raises(
        ValueError, match="--preset: expected lite or paper or paper_caffe with --model=flow_input, received mobilenet"
    ):
        build(model="flow_input", preset="mobilenet_v3_small")
