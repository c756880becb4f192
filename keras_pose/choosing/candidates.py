"""The candidates for the temporal layer: a pooling, the window that it sees, and the flow that brings it together."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from keras_pose.flow import names as flow_names
from keras_pose.pooling.config import WindowConfig
from keras_pose.pooling.names import POOLINGS
from keras_pose.pooling.temporal_pooling import TemporalPooling

NO_POOLING = "none"
_WINDOW = re.compile(r"([0-9]+)x([0-9]+)")
# Costs in units of one neighbour's maps warped onto the middle frame.
_READ = 0.25  # read in place, without a warp
_FLOW = 8.0  # flow to and from one new frame
_NOT_LINEAR = 3.0  # factor if the maps cannot be added up one after the other


@dataclasses.dataclass(frozen=True)
class Window:
    """The neighbours that are pooled.

    Args:
      num_neighbours: neighbours on each side.
      frame_stride: frames from one neighbour to the next.
      flow: name of the flow, as `--flow`.
    """

    num_neighbours: int
    frame_stride: int
    flow: str

    @property
    def offsets(self) -> tuple[int, ...]:
        """Positions of the window's frames relative to the current one, in frames."""
        return self.as_config(NO_POOLING).offsets

    @property
    def has_flow(self) -> bool:
        """Whether neighbours are warped."""
        return self.flow != flow_names.NONE

    @property
    def reach(self) -> int:
        """Frames from the middle to the last neighbour."""
        return self.num_neighbours * self.frame_stride

    def as_config(self, pooling: str) -> WindowConfig:
        """Returns the flags of this window with a pooling."""
        return WindowConfig(
            num_neighbours=self.num_neighbours, frame_stride=self.frame_stride, pooling=pooling, flow=self.flow
        )


@dataclasses.dataclass(frozen=True)
class Candidate:
    """One temporal layer.

    Args:
      pooling: one of `pooling.names.POOLINGS`.
      window: what it sees.
    """

    pooling: str
    window: Window

    @property
    def name(self) -> str:
        """A name for files."""
        return f"{self.pooling}-{self.window.num_neighbours}x{self.window.frame_stride}-{self.window.flow}"

    def describe(self) -> str:
        """Returns the flags of the candidate as text."""
        if self.pooling == NO_POOLING:
            return "the single frame"
        window = self.window
        return (
            f"--pooling={self.pooling} --window={window.num_neighbours} --frame_stride={window.frame_stride} "
            f"--flow={window.flow}"
        )

    def flags(self) -> dict[str, str | int]:
        """Returns the flags of the candidate, by name."""
        window = self.window
        return {
            "pooling": self.pooling,
            "window": window.num_neighbours,
            "frame_stride": window.frame_stride,
            "flow": window.flow,
        }


# Without pooling, the smallest window is enough: training runs the net on all of its frames.
SINGLE_FRAME = Candidate(NO_POOLING, Window(1, 1, flow_names.NONE))


def list_poolings(names: str = "") -> list[tuple[str, bool]]:
    """Returns the kinds of pooling to choose from: (name, whether it has weights to learn).

    Args:
      names: as `--choice_poolings`, names separated by commas; empty: all that read neighbours.

    Raises:
      ValueError: for a name that is no such kind; the message names the flag.
    """
    layers = {name: TemporalPooling(name) for name in POOLINGS}
    known = {name: layer.learns for name, layer in layers.items() if layer.reads_neighbours}
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(known)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"--choice_poolings: expected some of {', '.join(known)}, received {unknown[0]!r}")
    return [(name, known[name]) for name in dict.fromkeys(wanted)]


def cost_of(candidate: Candidate, is_linear: bool) -> float:
    """Estimates the cost of a candidate per frame of a stream, beside the net for single frames.

    Args:
      candidate: the candidate.
      is_linear: whether its pooling is a weighted sum of maps.

    Returns:
      The cost in units of one neighbour's maps warped onto the middle frame, 0 for the single frame.
    """
    if candidate.pooling == NO_POOLING:
        return 0.0
    window = candidate.window
    each = (1.0 if window.has_flow else _READ) * (1.0 if is_linear else _NOT_LINEAR)
    return 2 * window.num_neighbours * each + (_FLOW if window.has_flow else 0.0)


def list_windows(own: WindowConfig, more: str) -> list[Window]:
    """Lists the windows to choose from, the run's own first.

    Args:
      own: the flags of the run: its window comes first, its flow and no flow are the choices of flow.
      more: further windows, as `--choice_windows`: "2x1,5x3" are 2 neighbours on each side, and 5 of every third frame.

    Raises:
      ValueError: if `more` cannot be read; the message names the flag.
    """
    sizes = [(own.num_neighbours, own.frame_stride), *parse_windows(more)]
    flows = [own.flow, flow_names.NONE] if own.has_flow else [flow_names.NONE]
    return [Window(*size, flow) for flow in flows for size in dict.fromkeys(sizes)]


def parse_windows(text: str) -> list[tuple[int, int]]:
    """Parses `--choice_windows`: "2x1,5x3" is [(2, 1), (5, 3)].

    Raises:
      ValueError: names the flag, what was expected and what was received.
    """
    found = []
    for part in [part.strip() for part in text.split(",") if part.strip()]:
        match = _WINDOW.fullmatch(part)
        sizes = (int(match[1]), int(match[2])) if match and len(part) < 8 else (0, 0)
        if min(sizes) < 1 or sizes[0] > 50:
            raise ValueError(
                "--choice_windows: expected <neighbours>x<frame stride>, such as 5x1, separated by commas (neighbours "
                f"1 to 50, stride 1 or more), received {part!r}"
            )
        found.append(sizes)
    return found


def reaching(windows: Sequence[Window], reach: int | None) -> list[Window]:
    """Returns the windows that reach at most so many frames; None: all of them."""
    return [window for window in windows if reach is None or window.reach <= reach]
