"""The window of a run: which frames it has, and which flow it uses."""

import pytest

from keras_pose.flow.names import ESTIMATORS
from keras_pose.pooling.config import WindowConfig
from keras_pose.pooling.reach import Reach


def test_a_window_has_its_neighbours_on_each_side():
    assert WindowConfig(num_neighbours=2, frame_stride=1).offsets == (-2, -1, 0, 1, 2)
    assert WindowConfig(num_neighbours=2, frame_stride=3).offsets == (-6, -3, 0, 3, 6)
    assert WindowConfig(num_neighbours=2, window_seconds=0).offsets == (-2, -1, 0, 1, 2)


def test_a_window_in_frames_is_the_same_at_any_rate():
    window = WindowConfig(num_neighbours=2, frame_stride=3)
    assert not window.in_seconds
    assert not WindowConfig(num_neighbours=2, frame_stride=3, window_seconds=0).in_seconds
    assert window.reach_at(10) == window.reach_at(100) == Reach(stride=3, num_within=2)


def test_a_window_in_seconds_is_usual():
    """At 25 and 30 frames/s it is the window of 5 neighbours on each side that it always was."""
    window = WindowConfig()
    assert window.in_seconds
    assert window.offsets == (-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5)
    assert window.reach_at(25) == window.reach_at(30) == Reach(stride=1, num_within=5)


def test_the_rate_of_a_video_that_states_none_is_that_of_the_flag():
    assert WindowConfig(window_seconds=0.5, frame_rate=60).reach_at() == Reach(6, 5)
    assert WindowConfig(window_seconds=0.5, frame_rate=60).reach_at(30) == Reach(3, 5)
    assert WindowConfig(window_seconds=0.5).assumed_rate == 30


@pytest.mark.parametrize(
    ("size_hw", "expected"), [((128, 128), "dis_medium"), ((160, 191), "dis_medium"), ((128, 192), "dis_ultrafast")]
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
        ({"frame_stride": -1}, "--frame_stride: expected at least 0, received -1"),
        ({"window_seconds": -0.1}, "--window_seconds: expected at least 0, received -0.1"),
        ({"window_seconds": 11.0}, "--window_seconds: expected at most 10, received 11.0"),
        ({"window_seconds": float("nan")}, "--window_seconds: expected a finite number, received nan"),
        ({"frame_rate": -1.0}, "--frame_rate: expected at least 0, received -1.0"),
        ({"window_seconds": 0.4, "frame_stride": 2}, "--window_seconds, --frame_stride: expected at most one of them"),
        (
            {"pooling": "mean"},
            "--pooling: expected one of auto, parametric, data_dependent, chain, chain_readout, track, median, sum, "
            "max, none, received 'mean'",
        ),
        ({"flow": "brox"}, "--flow: expected one of auto, dis_ultrafast"),
    ],
)
def test_values_out_of_range_name_their_flag(changes, message):
    with pytest.raises(ValueError, match=message):
        WindowConfig(**changes)
