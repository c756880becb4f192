"""Comparison of pooling types: what each makes of the same warped maps."""

from __future__ import annotations

import keras
import numpy as np

from keras_pose.evaluation.pooling_picture import pooling_pictures
from keras_pose.inference.loading import make_predictor
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.showing.section import Section
from keras_pose.showing.shown_net import ShownFrames, ShownNet
from keras_pose.viz import skeletons
from keras_pose.viz.heatmaps import draw_modes, overlay_heatmaps
from keras_pose.viz.pictures import Tile, draw_grid

COMPARED = ("none", "sum", "max")
_SIDE_PX = 256
_WARP = "warp"


def pooling_sections(shown_net: ShownNet, shown: ShownFrames) -> list[Section]:
    """Draws the learnt weights and the maps of each type of pooling; nothing for a net that does not pool."""
    if shown_net.net.pooling() is None:
        return []
    sections = []
    predictor = make_predictor(shown_net.model, shown_net.config, shown_net.skeleton)
    for picture, heading, text in pooling_pictures({"": predictor}).values():
        sections.append(
            Section(
                "pooling_weights",
                "Learnt pooling weights",
                "How much the map of each frame of the window counts for each joint; below 0, it counts against.",
                f"{heading}: {text}",
                picture,
            )
        )
    pooled = pool_each_way(shown_net, shown)
    scale = _SIDE_PX / max(shown.frames.shape[1:3])
    tiles = []
    for n in range(len(shown.frames)):
        for name, maps in pooled.items():
            points, heights = shown_net.decode_modes(maps[n : n + 1])
            picture = overlay_heatmaps(shown.frames[n], maps[n], shown_net.skeleton, _SIDE_PX)
            picture = draw_modes(picture, skeletons.scale_points(points[0], scale), heights[0], shown_net.skeleton)
            caption = f"mean peak {maps[n].max((0, 1)).mean():.2f}"
            tiles.append(Tile(picture, (name, caption)))
    sections.append(
        Section(
            "pooling_types",
            "Types of pooling on the same frames",
            f"The maps of {len(shown_net.samples.offsets)} frames, warped to the middle one and pooled in each way: "
            "none is the frame alone; the mean (sum) blurs what moves, the maximum (max) keeps every mode of every "
            "frame.",
            f"The maps of {len(shown.frames)} frames with each type of pooling: {', '.join(pooled)}",
            draw_grid(tiles, len(pooled)),
        )
    )
    return sections


def pool_each_way(shown_net: ShownNet, shown: ShownFrames) -> dict[str, np.ndarray]:
    """Pools the warped maps of windows with each type that needs no training, and as the net does.

    Returns:
      {type: float32 [N, h, w, J]}; the net's own comes last.
    """
    model = shown_net.model
    inputs = shown_net.net.select_inputs(shown.window)
    probe = keras.Model(model.input, model.get_layer(_WARP).output)
    warped = probe(inputs, training=False)
    pooled = {kind: np.asarray(TemporalPooling(kind)([warped, shown.window["valid"]])) for kind in COMPARED}
    own = shown_net.net.pooling().kind  # type: ignore[union-attr]
    pooled.pop(own, None)
    pooled[own] = shown_net.predict(shown)[shown_net.net.main_output()]
    return pooled
