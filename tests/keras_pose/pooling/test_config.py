"""The window of a run: which frames it has, and which flow it uses."""

import pytest

from keras_pose.flow.names import ESTIMATORS
from keras_pose.pooling.config import WindowConfig


def test_a_window_has_its_neighbours_on_each_side():
    assert WindowConfig(num_neighbours=2).offsets == (-2, -1, 0, 1, 2)
    assert WindowConfig(num_neighbours=2, frame_stride=3).offsets == (-6, -3, 0, 3, 6)


@pytest.mark.parametrize(
    ("size_hw", "expected"), [((128, 128), "dis_medium"), ((160, 191), "dis_medium"), ((128, 192), "dis_fast")]
)
def test_auto_takes_the_slower_flow_for_small_inputs(size_hw, expected):
    assert WindowConfig().flow_estimator(size_hw) == expected


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_named_flow_is_that_flow_at_any_size(name):
    config = WindowConfig(flow=name)
    assert config.flow_estimator((64, 64)) == config.flow_estimator((512, 512)) == name
    assert config.flow_in_graph == (name == "in_graph")
    assert config.has_flow == (name != "none")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_neighbours": 0}, "--window: expected at least 1, received 0"),
        ({"num_neighbours": 51}, "--window: expected at most 50, received 51"),
        ({"frame_stride": 0}, "--frame_stride: expected at least 1"),
        (
            {"pooling": "mean"},
            "--pooling: expected one of parametric, data_dependent, chain, track, median, sum, max, none, received "
            "'mean'",
        ),
        ({"flow": "brox"}, "--flow: expected one of auto, dis_ultrafast"),
    ],
)
def test_values_out_of_range_name_their_flag(changes, message):
    with pytest.raises(ValueError, match=message):
        WindowConfig(**changes)
