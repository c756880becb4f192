"""The candidates for the temporal layer: a pooling, the window that it sees, and the flow that brings it together."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from keras_pose.flow import names as flow_names
from keras_pose.pooling.config import WindowConfig
from keras_pose.pooling.names import POOLINGS
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.runs.config import TrainConfig

NO_POOLING = "none"
_WINDOW = re.compile(r"([0-9]{1,2})x([0-9]{1,4}(?:\.[0-9]{1,6})?)(s?)")
# Costs in units of one neighbour's maps warped onto the middle frame.
_READ = 0.25  # read in place, without a warp
_FLOW = 8.0  # flow to and from one new frame, DIS fast
# Times of other estimators, as a multiple of DIS fast (`benchmarks.flow`).
_FLOW_TIMES = {
    "dis_ultrafast": 0.8,
    "dis_medium": 3.0,
    "farneback_half": 2.0,
    "farneback": 6.0,
    "farneback_gaussian": 8.0,
    "variational": 16.0,
    "deepflow": 16.0,
    "tvl1": 16.0,
}
_NOT_LINEAR = 3.0  # factor if the maps cannot be added up one after the other


@dataclasses.dataclass(frozen=True)
class Window:
    """The neighbours that are pooled.

    Args:
      config: the flags of the window and its flow; its pooling does not matter.
    """

    config: WindowConfig

    @property
    def flow(self) -> str:
        """The name of the flow, as `--flow`."""
        return self.config.flow

    @property
    def has_flow(self) -> bool:
        """Whether neighbours are warped."""
        return self.config.has_flow

    @property
    def num_neighbours(self) -> int:
        """Neighbours on each side."""
        return self.config.num_neighbours

    @property
    def offsets(self) -> tuple[int, ...]:
        """Positions of the window's frames relative to the current one (`pooling.reach`)."""
        return self.config.offsets

    @property
    def size(self) -> str:
        """Its size as `--choice_windows` names it: "5x0.2s" or "5x1"."""
        config = self.config
        reach = f"{config.window_seconds:g}s" if config.in_seconds else f"{max(1, config.frame_stride)}"
        return f"{config.num_neighbours}x{reach}"

    def flags(self) -> dict[str, Any]:
        """Returns the flags of the window, by name."""
        config = self.config
        return {
            "window": config.num_neighbours,
            "window_seconds": config.window_seconds if config.in_seconds else 0.0,
            "frame_stride": 0 if config.in_seconds else max(1, config.frame_stride),
            "flow": config.flow,
        }


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
        return f"{self.pooling}-{self.window.size}-{self.window.flow}"

    def describe(self) -> str:
        """Returns the flags of the candidate as text."""
        if self.pooling == NO_POOLING:
            return "the single frame"
        config = self.window.config
        reach = f"window_seconds={config.window_seconds:g}"
        if not config.in_seconds:
            reach = f"frame_stride={max(1, config.frame_stride)}"
        return f"--pooling={self.pooling} --window={config.num_neighbours} --{reach} --flow={config.flow}"

    def flags(self) -> dict[str, Any]:
        """Returns the flags of the candidate, by name."""
        return {"pooling": self.pooling, **self.window.flags()}


# Without pooling, the smallest window is enough: training runs the net on all of its frames.
SINGLE_FRAME = Candidate(
    NO_POOLING, Window(WindowConfig(num_neighbours=1, window_seconds=0.0, frame_stride=1, flow=flow_names.NONE))
)


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


def cost_of(candidate: Candidate, is_linear: bool, estimator: str = "") -> float:
    """Estimates the cost of a candidate per frame of a stream, beside the net for single frames.

    Args:
      candidate: the candidate.
      is_linear: whether its pooling is a weighted sum of maps.
      estimator: name of the flow estimator, if the candidate's flow is `auto`.

    Returns:
      The cost in units of one neighbour's maps warped onto the middle frame, 0 for the single frame.
    """
    if candidate.pooling == NO_POOLING:
        return 0.0
    window = candidate.window
    each = (1.0 if window.has_flow else _READ) * (1.0 if is_linear else _NOT_LINEAR)
    flow = _FLOW * _FLOW_TIMES.get(estimator or window.flow, 1.0) if window.has_flow else 0.0
    return 2 * window.num_neighbours * each + flow


def windows_of(config: TrainConfig) -> list[Window]:
    """Lists the windows that a run chooses from, its own first; as `list_windows`.

    Args:
      config: configuration of the run.
    """
    phases = config.phases
    more_flows = [name for name in parse_flows(phases.choice_flows) if name != config.flow_estimator]
    return list_windows(config.window, phases.choice_windows, more_flows)


def list_windows(own: WindowConfig, more: str, more_flows: Sequence[str] = ()) -> list[Window]:
    """Lists the windows to choose from, the run's own first.

    Args:
      own: the flags of the run: its window comes first, its flow, the further ones and none are the choices of flow.
      more: further windows, as `--choice_windows`.
      more_flows: names of further flows; not if the run has no flow.

    Raises:
      ValueError: if `more` cannot be read; the message names the flag.
    """
    sizes = [own, *(dataclasses.replace(own, **flags) for flags in parse_windows(more))]
    flows = [own.flow, *more_flows, flow_names.NONE] if own.has_flow else [flow_names.NONE]
    listed = [Window(dataclasses.replace(size, flow=flow)) for flow in flows for size in sizes]
    different = dict.fromkeys((window.size, window.flow) for window in listed)
    return [next(w for w in listed if (w.size, w.flow) == key) for key in different]


def parse_flows(text: str) -> list[str]:
    """Parses `--choice_flows`, names separated by commas.

    Raises:
      ValueError: for a name that is no flow; the message names the flag.
    """
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    known = [name for name in flow_names.ESTIMATORS if name not in (flow_names.NONE, flow_names.IN_GRAPH)]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"--choice_flows: expected some of {', '.join(known)}, received {unknown[0]!r}")
    return list(dict.fromkeys(wanted))


def parse_windows(text: str) -> list[dict[str, Any]]:
    """Parses `--choice_windows`: "2x1,5x0.5s" is 2 neighbours on each side, each frame, and 5 within half a second.

    Returns:
      Fields of `WindowConfig` for each window.

    Raises:
      ValueError: names the flag, what was expected and what was received.
    """
    found: list[dict[str, Any]] = []
    for part in [part.strip() for part in text.split(",") if part.strip()]:
        match = _WINDOW.fullmatch(part)
        if match is None or not 1 <= int(match[1]) <= 50 or not 0 < float(match[2]) <= 1000:
            raise ValueError(
                "--choice_windows: expected <neighbours>x<frame stride> or <neighbours>x<seconds>s, such as 5x1 or "
                f"5x0.2s, separated by commas, with 1 to 50 neighbours, received {part!r}"
            )
        neighbours = int(match[1])
        if match[3]:
            found.append({"num_neighbours": neighbours, "window_seconds": float(match[2]), "frame_stride": 0})
        elif match[2].isdecimal():
            found.append({"num_neighbours": neighbours, "window_seconds": 0.0, "frame_stride": int(match[2])})
        else:
            raise ValueError(f"--choice_windows: expected a whole frame stride, or seconds with s, received {part!r}")
    return found
