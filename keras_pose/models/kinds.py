"""The kinds of net that `--model` names, and what each is, so that no code compares names. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class NetKind:
    """What the rest of the code needs to know about a kind of net.

    Args:
      name: value of `--model`.
      summary: text for the help of `--model`.
      predicts_heatmaps: whether it predicts maps; otherwise it predicts positions.
      sees_window: whether it takes a window of frames; otherwise a single frame.
      pools: whether it runs a net for single frames on each frame of the window and pools the maps.
      exportable: whether a server can feed it from images alone.
      weight_flags: the flags that decide which weights the net has.
    """

    name: str
    summary: str
    predicts_heatmaps: bool = True
    sees_window: bool = False
    pools: bool = False
    exportable: bool = True
    weight_flags: tuple[str, ...] = ("model", "preset", "width", "fusion")


HEATMAP = NetKind("heatmap", "a map per joint (more accurate)")
COORDINATE = NetKind(
    "coordinate",
    "positions directly",
    predicts_heatmaps=False,
    # Dense layers depend on the size of the input.
    weight_flags=("model", "preset", "width", "input_size"),
)
FLOWING = NetKind(
    "flowing",
    "heatmaps of neighbouring frames, warped by optical flow and pooled by learned weights (most accurate on video)",
    sees_window=True,
    pools=True,
    weight_flags=("model", "preset", "width", "fusion", "window", "pooling"),
)
FLOW_INPUT = NetKind(
    "flow_input",
    "a heatmap net that sees neighbouring frames and flow at its input, for comparison",
    sees_window=True,
    exportable=False,
    weight_flags=("model", "preset", "width", "fusion", "window"),
)
KINDS = {kind.name: kind for kind in (HEATMAP, COORDINATE, FLOWING, FLOW_INPUT)}
