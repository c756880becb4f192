"""The list of candidates and what they cost."""

import pytest

from keras_pose.choosing import candidates
from keras_pose.choosing.candidates import SINGLE_FRAME, Candidate, Window
from keras_pose.pooling.config import WindowConfig

OWN = WindowConfig(num_neighbours=3, frame_stride=2, flow="farneback")


def test_windows_are_listed_with_flow_and_without_the_runs_own_first():
    listed = candidates.list_windows(OWN, "2x1, 5x0.5s,3x2")
    assert [(window.size, window.flow) for window in listed] == [
        *(("3x2", "farneback"), ("2x1", "farneback"), ("5x0.5s", "farneback")),
        *(("3x2", "none"), ("2x1", "none"), ("5x0.5s", "none")),
    ]
    assert listed[1].offsets == (-2, -1, 0, 1, 2)
    assert listed[2].offsets == (-15, -12, -9, -6, -3, 0, 3, 6, 9, 12, 15)  # at 30 frames/s
    assert [window.flow for window in candidates.list_windows(WindowConfig(flow="none"), "")] == ["none"]


def test_further_flows_come_between_the_runs_own_and_none():
    listed = candidates.list_windows(OWN, "2x1", ["dis_medium", "farneback"])
    assert [window.flow for window in listed] == [*["farneback"] * 2, *["dis_medium"] * 2, *["none"] * 2]
    without = candidates.list_windows(WindowConfig(flow="none"), "", ["dis_medium"])
    assert [window.flow for window in without] == ["none"]
    assert candidates.parse_flows("tvl1, dis_fast,tvl1") == ["tvl1", "dis_fast"]
    for name in ("none", "in_graph", "auto"):
        with pytest.raises(ValueError, match=f"--choice_flows: expected some of .*, received '{name}'"):
            candidates.parse_flows(name)


@pytest.mark.parametrize("text", ["5", "0x1", "51x1", "5x", "5x1.5", "x1s", "5x0s", "5x-1", "5x1;2x1"])
def test_a_window_that_cannot_be_read_is_named(text):
    with pytest.raises(ValueError, match="--choice_windows: expected .* received"):
        candidates.parse_windows(text)


def test_kinds_read_neighbours_and_can_be_chosen():
    every = dict(candidates.list_poolings())
    assert "none" not in every
    assert every["parametric"]
    assert not every["sum"]
    assert candidates.list_poolings("sum, parametric,sum") == [("sum", False), ("parametric", True)]
    with pytest.raises(ValueError, match="--choice_poolings: expected some of .*sum.*, received 'none'"):
        candidates.list_poolings("none")


def test_flags_of_a_candidate_make_its_window():
    for flags in ({"num_neighbours": 2, "window_seconds": 0.4}, {"num_neighbours": 4, "frame_stride": 3}):
        window = Window(WindowConfig(flow="none", **flags))
        values = window.flags()
        again = WindowConfig(
            num_neighbours=values["window"],
            window_seconds=values["window_seconds"],
            frame_stride=values["frame_stride"],
            flow=values["flow"],
        )
        assert again.offsets == window.offsets
        assert type(again.offsets) is type(window.offsets)


def test_fewer_neighbours_no_flow_and_plain_sums_cost_less():
    def cost(pooling, neighbours, flow, linear):
        config = WindowConfig(num_neighbours=neighbours, frame_stride=1, flow=flow)
        return candidates.cost_of(Candidate(pooling, Window(config)), linear)

    assert candidates.cost_of(SINGLE_FRAME, True) == 0
    assert cost("sum", 2, "none", True) < cost("sum", 5, "none", True) < cost("max", 5, "none", False)
    assert cost("sum", 5, "none", True) < cost("sum", 5, "dis_fast", True) < cost("max", 5, "dis_fast", False)
    assert cost("sum", 5, "dis_fast", True) < cost("sum", 5, "dis_medium", True) < cost("sum", 5, "variational", True)
    automatic = Candidate("sum", Window(WindowConfig(num_neighbours=5, frame_stride=1)))
    assert candidates.cost_of(automatic, True, "dis_medium") == cost("sum", 5, "dis_medium", True)
