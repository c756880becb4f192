"""The window that is pooled: the flags of neighbours, pooling and flow. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses

from keras_pose import options
from keras_pose.flow import names as flow_names
from keras_pose.options import option
from keras_pose.pooling import names
from keras_pose.pooling.reach import ASSUMED_RATE, Reach, TimedOffsets, find_reach

AUTO = "auto"
_DEFAULT_SECONDS = 0.2  # 5 neighbours at 25 or 30 frames/s, 1 frame apart
_SMALL_INPUT_PX = 192


@dataclasses.dataclass(frozen=True)
class WindowConfig:
    """The neighbouring frames that a net sees (--model=flowing and flow_input)."""

    num_neighbours: int = option(
        5,
        "Neighbours on each side of a frame that are pooled. More cost more; how far they reach is the matter of "
        "--window_seconds and --frame_stride.",
        flag="window",
        at_least=1,
        at_most=50,
    )
    window_seconds: float = option(
        _DEFAULT_SECONDS,
        "Reach of the window on each side in s, at any frame rate: neighbours are max(1, round(window_seconds * rate / "
        "window)) frames apart, and those further away count as missing. 0, or a --frame_stride above 0: the window "
        "counts frames.",
        at_least=0,
        at_most=10,
    )
    frame_stride: int = option(
        0,
        "Frames from one neighbour to the next, whatever the frame rate; 2 reaches twice as far as 1 at the same cost. "
        "0: it follows from --window_seconds and the frame rate of each clip.",
        at_least=0,
    )
    frame_rate: float = option(
        0.0,
        "Frames per second of clips and videos that do not state theirs (pictures, arrays), for --window_seconds. 0: "
        "30 is assumed, and a note says so.",
        at_least=0,
        at_most=10000,
    )
    pooling: str = option(
        AUTO,
        "How the maps of a window become one. auto: what is best on groups that the net has not trained on, with the "
        "window and the flow that are best with it, and none if nothing is better than the current frame alone; needs "
        "--net_steps or --init_from. " + " ".join(f"{name}: {meaning}." for name, meaning in names.POOLINGS.items()),
        choices=(AUTO, *names.POOLINGS),
    )
    flow: str = option(
        AUTO,
        "Optical flow. auto: dis_medium below 192 px of input, else dis_ultrafast; a run keeps what it began with. "
        "dis_ultrafast, dis_fast, dis_medium (fastest), farneback, farneback_gaussian, farneback_half (frames of half "
        "the size), variational (slow): OpenCV. deepflow, tvl1: OpenCV with contrib. in_graph: inside the net, on the "
        "device that trains. none: neighbours are pooled as they are.",
        choices=(AUTO, *flow_names.ESTIMATORS),
    )

    def __post_init__(self) -> None:
        options.check(self)
        if self.frame_stride and self.window_seconds not in (0.0, _DEFAULT_SECONDS):
            raise ValueError(
                f"--window_seconds, --frame_stride: expected at most one of them, received {self.window_seconds} s and "
                f"{self.frame_stride} frames; --frame_stride=0 leaves the stride to the frame rate"
            )

    @property
    def in_seconds(self) -> bool:
        """Whether the reach is given in seconds, so that the stride follows from the frame rate."""
        return not self.frame_stride and self.window_seconds > 0

    @property
    def assumed_rate(self) -> float:
        """Frames per second of clips that do not state theirs."""
        return self.frame_rate or ASSUMED_RATE

    @property
    def offsets(self) -> tuple[int, ...]:
        """Positions of the window's frames relative to the current one, in frames; `TimedOffsets` if in seconds."""
        if self.in_seconds:
            return TimedOffsets(self.num_neighbours, self.window_seconds, self.assumed_rate)
        reach = range(-self.num_neighbours, self.num_neighbours + 1)
        return tuple(max(1, self.frame_stride) * place for place in reach)

    def reach_at(self, frame_rate: float = 0.0) -> Reach:
        """Returns how far the window reaches in a video.

        Args:
          frame_rate: frames per second of the video; 0: unknown.
        """
        if self.in_seconds:
            return find_reach(self.num_neighbours, self.window_seconds, frame_rate or self.assumed_rate)
        return Reach(max(1, self.frame_stride), self.num_neighbours)

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
        return "dis_medium" if max(input_size_hw) < _SMALL_INPUT_PX else flow_names.DIS_ULTRAFAST
