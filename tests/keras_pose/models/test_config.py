"""The net of a run: its kind, and the size of its input."""

import pytest

from keras_pose.models import kinds
from keras_pose.models.config import ModelConfig


@pytest.mark.parametrize("name", kinds.KINDS)
def test_the_name_of_a_kind_stands_for_what_it_is(name):
    assert ModelConfig(kind_name=name).kind is kinds.KINDS[name]


def test_input_size_is_a_side_or_height_and_width():
    assert ModelConfig(input_size="96").input_size_hw == (96, 96)
    assert ModelConfig(input_size="96,128").input_size_hw == (96, 128)


@pytest.mark.parametrize("text", ["100", "64,x", "0", "", "64,64,64", "-32"])
def test_other_sizes_are_refused(text):
    with pytest.raises(ValueError, match="--input_size: expected a side or height,width in multiples of 32 px"):
        ModelConfig(input_size=text)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind_name": "maps"}, "--model: expected one of heatmap, coordinate, flowing, flow_input, received 'maps'"),
        ({"preset": "vgg"}, "--preset: expected one of lite, paper, .*, received 'vgg'"),
        ({"width": 0.0}, "--width: expected at least 0.05"),
    ],
)
def test_values_out_of_range_name_their_flag(changes, message):
    with pytest.raises(ValueError, match=message):
        ModelConfig(**changes)
