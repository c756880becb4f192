"""Shows heatmaps on the frame they were computed from: all joints in one picture, or one joint a picture."""

from __future__ import annotations

import cv2
import numpy as np

from keras_pose.viz.pictures import Tile, draw_grid
from keras_pose.viz.skeletons import enlarge

# Dark violet to yellow, rising in lightness: anchors of matplotlib's "inferno".
_RAMP = np.array([(0, 0, 4), (87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164)], np.float32)


def overlay_all(frame, heatmaps, skeleton, side_px=512, peak=1.0) -> np.ndarray:
    """Tints a frame with the heatmaps of all joints, each in its joint's colour.

    Args:
      frame: uint8 [H, W, 3], the network input; it is darkened and loses colour so that the maps stand out.
      heatmaps: float [h, w, J], of the same field of view.
      skeleton: `Skeleton`.
      side_px: int, longer side of the result.
      peak: value that is shown at full strength; None: each map's own maximum.

    Returns:
      uint8 [H', W', 3].

    Raises:
      ValueError: where the heatmaps are not the skeleton's.
    """
    maps = _checked(heatmaps, skeleton)
    picture = _muted(enlarge(frame, side_px)[0])
    strengths = _strengths(maps, picture.shape[:2], peak)
    for j in np.argsort(strengths.max((0, 1))):
        alpha = 0.9 * strengths[..., j : j + 1]
        picture = picture * (1 - alpha) + np.asarray(skeleton.colors[j], np.float32) * alpha
    return np.round(picture).astype(np.uint8)


def draw_panels(frame, heatmaps, skeleton, side_px=256, peak=1.0, columns=4, title="") -> np.ndarray:
    """Draws a grid with one picture per joint: the frame under its heatmap, its name and the map's maximum.

    Args:
      frame: uint8 [H, W, 3], the network input.
      heatmaps: float [h, w, J], of the same field of view.
      skeleton: `Skeleton`.
      side_px: int, longer side of each picture.
      peak: value that is shown at full strength; None: each map's own maximum.
      columns: pictures in a row.
      title: str over the grid.

    Returns:
      uint8 [H', W', 3].

    Raises:
      ValueError: where the heatmaps are not the skeleton's.
    """
    maps = _checked(heatmaps, skeleton)
    base = _muted(enlarge(frame, side_px)[0])
    strengths = _strengths(maps, base.shape[:2], peak)
    tiles = []
    for j, joint in enumerate(skeleton.joints):
        strength = strengths[..., j : j + 1]
        positions = strength[..., 0] * (len(_RAMP) - 1)
        colors = np.stack([np.interp(positions, np.arange(len(_RAMP)), channel) for channel in _RAMP.T], -1)
        alpha = np.clip(1.6 * strength, 0, 0.9)
        picture = np.round(base * (1 - alpha) + colors * alpha).astype(np.uint8)
        tiles.append(Tile(picture, (joint, f"maximum {maps[..., j].max():.2f}")))
    note = "strongest colour: " + ("each map's maximum" if peak is None else f"{peak:g}")
    return draw_grid(tiles, columns, title, note)


def _strengths(maps, size_hw, peak):
    """Returns float32 [H, W, J] of 0 to 1 at the picture's size; OpenCV's resize shares the pixel convention."""
    tops = np.maximum(maps.max((0, 1)), 1e-9) if peak is None else peak
    large = cv2.resize(maps / tops, size_hw[::-1], interpolation=cv2.INTER_LINEAR)
    return np.clip(large.reshape(*size_hw, maps.shape[2]), 0, 1).astype(np.float32)


def _muted(frame):
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None]
    return 0.6 * (0.75 * grey + 0.25 * frame)


def _checked(heatmaps, skeleton):
    maps = np.asarray(heatmaps, np.float32)
    if maps.ndim != 3 or maps.shape[2] != skeleton.num_joints:
        raise ValueError(
            f"expected heatmaps [h, w, {skeleton.num_joints}] of skeleton {skeleton.name!r}, "
            f"received {list(maps.shape)}"
        )
    return maps
