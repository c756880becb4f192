"""Draws what a temporal pooling has learned: the weight of each frame of the window, by joint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from keras_pose.viz.curves import RUN_COLORS
from keras_pose.viz.pictures import FAINT, FRAME, INK, render, style_axis, style_frame

_LINES = ("-", "--", "-.", ":")
_WIDTH_IN = 10.4
_PANEL_IN = 3.4
_FOOT_IN = 0.55
_LEGEND_COLUMNS = 5
_LEGEND_ROW_IN = 0.24


def draw_pooling_weights(
    weights: np.ndarray,
    joints: Sequence[str],
    offsets: Sequence[int] | np.ndarray,
    groups: Mapping[str, Sequence[int]] | None = None,
    title: str = "Weights of frames",
    note: str = "",
    dpi: float = 120,
) -> np.ndarray:
    """Draws one line per group of joints over the frames, and the weights of every joint as colours.

    Colours are scaled to the neighbours' largest weight; the current frame's weight is usually far above it.

    Args:
      weights: float [T, J], such as `TemporalPooling.frame_weights()`.
      joints: J names.
      offsets: T rising frame numbers relative to the current frame, such as −5..5.
      groups: dict name -> positions of joints whose mean is one line, such as
        `keras_pose.evaluation.measures.joint_groups(skeleton)`; None: every joint its own line.
      title: str.
      note: str under the title, such as the net and its training.
      dpi: dots per inch of the result.

    Returns:
      uint8 [H, W, 3].

    Raises:
      ValueError: for weights that are not finite, or names, offsets or groups that do not fit them.
    """
    weights = np.asarray(weights, np.float64)
    offsets = np.asarray(offsets)
    groups = groups or {joint: (i,) for i, joint in enumerate(joints)}
    _check(weights, joints, offsets, groups)
    panel = max(_PANEL_IN, 0.24 * len(joints))
    head = 1.1 + _LEGEND_ROW_IN * -(-len(groups) // _LEGEND_COLUMNS)
    height = panel + head + _FOOT_IN
    figure = Figure(figsize=(_WIDTH_IN, height), dpi=dpi, facecolor="white")
    bottom = _FOOT_IN / height
    tall = panel / height

    # Lines at the left, colours at the right, behind the longest name of a joint.
    lines = figure.add_axes((0.07, bottom, 0.39, tall))
    _draw_lines(lines, weights, offsets, groups)
    longest = 0.075 * max(len(_short(joint)) for joint in joints)  # inch, at the size of tick labels
    left = 0.5 + longest / _WIDTH_IN
    bar = figure.add_axes((0.925, bottom, 0.014, tall))
    _draw_colors(figure, figure.add_axes((left, bottom, 0.91 - left, tall)), bar, weights, offsets, joints)

    # Title, note and legend stand above both.
    figure.text(0.02, 1 - 0.34 / height, title, parse_math=False, fontsize=13, fontweight="bold", color=INK)
    figure.text(0.02, 1 - 0.58 / height, note, parse_math=False, fontsize=9, color=FAINT)
    _draw_legend(figure, lines, 1 - 0.68 / height)
    return render(figure)


def _draw_lines(axis, weights, offsets, groups):
    axis.axhline(0, color=FRAME, lw=1)
    axis.axvline(0, color=FRAME, lw=1, ls=":")
    for i, (name, members) in enumerate(groups.items()):
        line = _LINES[i // len(RUN_COLORS) % len(_LINES)]
        color = RUN_COLORS[i % len(RUN_COLORS)]
        marker = {"marker": "o", "ms": 3} if len(offsets) <= 31 else {}
        label = _short(name).replace("_", " ")
        axis.plot(offsets, weights[:, list(members)].mean(axis=1), line, color=color, lw=2, label=label, **marker)
    axis.set_ylabel("weight", color=INK)
    axis.set_title("mean of each group", fontsize=10, color=INK, loc="left", pad=6)
    _style_offsets(axis)
    style_axis(axis)


def _draw_colors(figure, axis, bar, weights, offsets, joints):
    neighbours = np.abs(weights[offsets != 0])
    limit = neighbours.max(initial=0.0) or np.abs(weights).max() or 1.0
    image = axis.imshow(
        weights.T,
        cmap="RdBu_r",
        vmin=-limit,
        vmax=limit,
        aspect="auto",
        interpolation="nearest",
        extent=(offsets[0] - 0.5, offsets[-1] + 0.5, len(joints) - 0.5, -0.5),
    )
    axis.set_yticks(range(len(joints)), [_short(joint).replace("_", " ") for joint in joints])
    axis.set_title("each joint, scaled to the neighbours", fontsize=10, color=INK, loc="left", pad=6)
    _style_offsets(axis)
    style_frame(axis)
    above = weights.max() > limit
    below = weights.min() < -limit
    extend = {(True, True): "both", (True, False): "max", (False, True): "min"}.get((above, below), "neither")
    colors = figure.colorbar(image, cax=bar, extend=extend)
    colors.outline.set_edgecolor(FRAME)
    bar.tick_params(colors=INK, labelsize=9, length=0)


def _draw_legend(figure, axis, top):
    figure.legend(
        *axis.get_legend_handles_labels(),
        loc="upper left",
        bbox_to_anchor=(0.015, top),
        ncols=_LEGEND_COLUMNS,
        frameon=False,
        fontsize=9,
        labelcolor=INK,
        borderpad=0.1,
        borderaxespad=0,
        handlelength=1.8,
    )


def _style_offsets(axis):
    axis.set_xlabel("frames from the current one", color=INK)
    axis.xaxis.set_major_locator(MaxNLocator(9, integer=True))


def _short(name):
    # Dollar signs would start a formula.
    name = name if len(name) <= 20 else name[:10] + "…" + name[-9:]
    return name.replace("$", r"\$")


def _check(weights, joints, offsets, groups):
    if weights.shape != (len(offsets), len(joints)) or not weights.size:
        raise ValueError(
            f"expected weights [{len(offsets)} offsets, {len(joints)} joints], received {list(weights.shape)}"
        )
    if not np.isfinite(weights).all():
        raise ValueError("expected finite weights, received NaN or infinity")
    if (np.diff(offsets) != 1).any():
        raise ValueError(f"expected offsets that rise by 1, received {offsets.tolist()}")
    for name, members in groups.items():
        if not members or not set(members) <= set(range(len(joints))):
            raise ValueError(f"group {name}: expected positions among {len(joints)} joints, received {members}")
