"""The factory: every preset is built, wrong values are refused by the name of their flag."""

import numpy as np
import pytest

from keras_pose.models import factory

SMALL = {"paper": 0.0625}


@pytest.mark.parametrize("kind", factory.KINDS)
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
        ({"preset": "huge"}, r"--preset: expected one of paper, lite, .*received 'huge'"),
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
