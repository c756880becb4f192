"""Multiple modes early and late in training: how many places compete for a joint, and how high they are."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from keras_pose.evaluation.measures import joint_groups
from keras_pose.showing.section import Section
from keras_pose.showing.shown_net import ShownFrames, ShownNet
from keras_pose.showing.training_steps import TrainingSteps
from keras_pose.viz import skeletons
from keras_pose.viz.curves import RUN_COLORS
from keras_pose.viz.heatmaps import draw_modes, overlay_heatmaps
from keras_pose.viz.pictures import INK, Tile, draw_grid, render, style_axis

MAX_MODES = 4
_LEAST = 0.02  # lower maxima are noise
_SHARE = 0.25  # of the highest: as high as this, a maximum competes
_SIDE_PX = 256


def count_modes(heights: np.ndarray) -> np.ndarray:
    """Counts the maxima that compete: at least a quarter as high as the highest.

    Args:
      heights: float [..., M], falling; 0 if there is no such maximum.

    Returns:
      int [...]; 0 for an empty map.
    """
    heights = np.asarray(heights)
    return ((heights > 0) & (heights >= _SHARE * heights[..., :1])).sum(-1)


def mode_sections(shown_net: ShownNet, shown: ShownFrames, trained: TrainingSteps, pictured: int) -> list[Section]:
    """Draws the modes of the same frames early and late, and their number and height by step.

    Args:
      shown_net: the net.
      shown: frames that the steps were predicted for.
      trained: their maps by step.
      pictured: number of frames to draw, the first ones.
    """
    heading = "Modes early and late in training"
    if not shown_net.net.predicts_heatmaps():
        return [Section("modes", heading, "This net predicts positions: it gives one answer, and has no modes.")]
    if not trained.steps:
        return []
    found = [shown_net.decode_modes(maps, MAX_MODES, _LEAST) for maps in trained.outputs]
    heights = np.stack([of_step for _, of_step in found])  # [S, N, J, M]
    early = choose_early(count_modes(heights).mean((1, 2)), heights[..., 0].mean((1, 2)))
    late = len(trained.steps) - 1
    scale = _SIDE_PX / max(shown.frames.shape[1:3])
    tiles = []
    for step in dict.fromkeys((early, late)):
        points, tops = found[step]
        for n in range(min(pictured, len(shown.frames))):
            picture = overlay_heatmaps(shown.frames[n], trained.outputs[step][n], shown_net.skeleton, _SIDE_PX)
            picture = draw_modes(picture, skeletons.scale_points(points[n], scale), tops[n], shown_net.skeleton)
            count = int((count_modes(tops[n]) > 1).sum())
            joints = "joint has" if count == 1 else "joints have"
            tiles.append(Tile(picture, (f"step {trained.steps[step]}", f"{count} {joints} several modes")))
    text = (
        "A map can hold several answers. Disc: the highest maximum, which is the prediction; rings: maxima at least a "
        "quarter as high, which compete with it."
    )
    alt = f"The same frames at step {trained.steps[early]} and at step {trained.steps[late]}, with all maxima marked"
    sections = [Section("modes", heading, text, alt, draw_grid(tiles, min(4, pictured)))]
    if len(trained.steps) > 2:
        sections.append(_draw_history(shown_net, trained.steps, heights))
    return sections


def choose_early(counts: np.ndarray, peaks: np.ndarray) -> int:
    """Returns the step to call early: that of the most competing maxima, among those whose maps are not nearly empty.

    Args:
      counts: float [S], mean number of maxima that compete.
      peaks: float [S], mean height of the highest maximum.
    """
    return int(np.argmax(np.where(peaks >= 0.2 * peaks.max(), counts, -1)))


def _draw_history(shown_net, steps, heights):
    figure = Figure(figsize=(10.4, 4.0), dpi=110, facecolor="white")
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.07, right=0.985, top=0.86, bottom=0.24, wspace=0.18)
    counts = count_modes(heights)  # [S, N, J]
    groups = joint_groups(shown_net.skeleton)
    if len(groups) > len(RUN_COLORS):
        groups = {"all joints": tuple(range(shown_net.skeleton.num_joints))}
    for color, (name, members) in zip(RUN_COLORS, groups.items()):
        of_group = counts[..., list(members)].mean((1, 2))
        left.plot(steps, of_group, "-o", ms=3.5, color=color, label=name.replace("_", " ").replace("$", r"\$"))
    names = ("highest", "second", "third")
    for rank, (color, name) in enumerate(zip(RUN_COLORS, names)):
        right.plot(steps, heights[..., rank].mean((1, 2)), "-o", ms=3.5, color=color, label=name)
    left.set_title("competing maxima of a map", fontsize=10, color=INK, loc="left")
    right.set_title("their mean height", fontsize=10, color=INK, loc="left")
    for axis in (left, right):
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
        axis.yaxis.set_major_locator(MaxNLocator(6))
        axis.set_xlabel("step", color=INK)
        axis.set_ylim(bottom=0)
        style_axis(axis)
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=5, frameon=False, fontsize=9, labelcolor=INK)
    return Section(
        "mode_history",
        "Number and height of modes by step",
        f"Means over {heights.shape[1]} frames. The highest maximum rises and the others fall as the net decides.",
        f"Number of competing maxima and height of the three highest, from step {steps[0]} to step {steps[-1]}",
        render(figure),
    )
