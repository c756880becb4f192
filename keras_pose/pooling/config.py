"""The window that is pooled: the flags of neighbours, pooling and flow. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses

from keras_pose import options
from keras_pose.flow import names as flow_names
from keras_pose.options import option
from keras_pose.pooling import names

AUTO = "auto"
_SMALL_INPUT_PX = 192


@dataclasses.dataclass(frozen=True)
class WindowConfig:
    """The neighbouring frames that a net sees (--model=flowing and flow_input)."""

    num_neighbours: int = option(
        5,
        "Neighbours on each side of a frame that are pooled, --frame_stride frames apart.",
        flag="window",
        at_least=1,
        at_most=50,
    )
    frame_stride: int = option(
        1, "Frames from one neighbour to the next; 2 reaches twice as far at the same cost.", at_least=1
    )
    pooling: str = option(
        "parametric",
        "How the maps of a window become one. "
        + " ".join(f"{name}: {meaning}." for name, meaning in names.POOLINGS.items()),
        choices=tuple(names.POOLINGS),
    )
    flow: str = option(
        AUTO,
        "Optical flow. auto: dis_medium below 192 px of input, else dis_fast; a run keeps what it began with. "
        "dis_ultrafast, dis_fast, dis_medium (fastest), farneback, farneback_gaussian, farneback_half (frames of half "
        "the size), variational (slow): OpenCV. deepflow, tvl1: OpenCV with contrib. in_graph: inside the net, on the "
        "device that trains. none: neighbours are pooled as they are.",
        choices=(AUTO, *flow_names.ESTIMATORS),
    )

    def __post_init__(self) -> None:
        options.check(self)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Positions of the window's frames relative to the current one, in frames."""
        reach = range(-self.num_neighbours, self.num_neighbours + 1)
        return tuple(self.frame_stride * place for place in reach)

    @property
    def flow_in_graph(self) -> bool:
        """Whether the net estimates the flow itself."""
        return self.flow == flow_names.IN_GRAPH

    @property
    def has_flow(self) -> bool:
        """Whether neighbours are warped at all."""
        return self.flow != flow_names.NONE

    def flow_estimator(self, input_size_hw: tuple[int, int]) -> str:
        """Returns the name of the flow estimator, `auto` resolved for an input of this size in px."""
        if self.flow != AUTO:
            return self.flow
        return "dis_medium" if max(input_size_hw) < _SMALL_INPUT_PX else "dis_fast"
