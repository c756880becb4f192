"""Time-lapse of training: what the net sees in fixed frames as the steps go by."""

from __future__ import annotations

import numpy as np

from keras_pose.showing.section import Section
from keras_pose.showing.shown_net import ShownFrames, ShownNet
from keras_pose.showing.training_steps import NO_SNAPSHOTS, TrainingSteps
from keras_pose.viz import skeletons
from keras_pose.viz.heatmaps import overlay_heatmaps
from keras_pose.viz.pictures import Tile, draw_grid

_STRIP_PX = 200  # longer side of a frame in the strip
_VIDEO_PX = 320
_MOST_STEPS = 8  # in the strip; the video has all
_LEAST_STEPS = 3  # that deserve the name of a time-lapse


def time_lapse(shown_net: ShownNet, shown: ShownFrames, trained: TrainingSteps) -> Section:
    """Draws the strip, a row for each frame, and the pictures of the video."""
    maps = shown_net.net.predicts_heatmaps()
    if not trained.steps:
        return Section("time_lapse", "Time-lapse of training", NO_SNAPSHOTS)
    chosen = np.unique(np.linspace(0, len(trained.steps) - 1, _MOST_STEPS).astype(int))
    tiles = [
        Tile(_draw(shown_net, shown, trained, s, n, _STRIP_PX), (f"step {trained.steps[s]}",))
        for n in range(len(shown.frames))
        for s in chosen
    ]
    text = (
        "The heatmaps of the same frames, each joint in its colour, as strong as they are high: a net begins with "
        "empty maps, then finds the joints that look the same everywhere, last those that move."
        if maps
        else "The positions that the net predicts for the same frames; it begins with all joints in the middle."
    )
    if len(trained.steps) < _LEAST_STEPS:
        text += f" These are only the last steps: {NO_SNAPSHOTS}."
    return Section(
        "time_lapse",
        "Time-lapse of training",
        text,
        f"{len(shown.frames)} frames, each at the steps {', '.join(str(trained.steps[s]) for s in chosen)}",
        draw_grid(tiles, len(chosen)),
        tuple(_draw_video(shown_net, shown, trained)) if len(trained.steps) > 1 else (),
    )


def _draw(shown_net, shown, trained, step, number, side_px):
    frame = shown.frames[number]
    output = trained.outputs[step][number]
    if shown_net.net.predicts_heatmaps():
        return overlay_heatmaps(frame, output, shown_net.skeleton, side_px)
    picture, scale = skeletons.enlarge(frame, side_px)
    return skeletons.draw_skeleton(picture, skeletons.scale_points(output, scale), shown_net.skeleton)


def _draw_video(shown_net, shown, trained):
    for step, number in enumerate(trained.steps):
        tiles = [
            Tile(_draw(shown_net, shown, trained, step, n, _VIDEO_PX), (f"step {number}",))
            for n in range(len(shown.frames))
        ]
        yield draw_grid(tiles, 2 if len(tiles) > 1 else 1)
