"""Shows heatmaps on the frame they were computed from, and the modes that compete for a joint.

A heatmap has several modes if a net cannot decide: left or right hand, joint or background. The highest is the answer;
the others show what it was nearly taken for. Letters in shapes: H W frame, h w heatmap, J joints, M modes.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from keras_pose.data.clip import HIDDEN
from keras_pose.skeleton import Skeleton
from keras_pose.viz.skeletons import draw_skeleton, enlarge

_LEAST_SHARE = 0.25  # lower modes, as a share of the highest, do not compete


def overlay_heatmaps(frame: np.ndarray, heatmaps: np.ndarray, skeleton: Skeleton, side_px: int = 512) -> np.ndarray:
    """Tints a frame with the heatmaps of all joints, each in its joint's colour.

    Args:
      frame: uint8 [H, W, 3], the net's input; it becomes darker and greyer so that the maps stand out.
      heatmaps: float [h, w, J], of the same field of view; a value of 1 has full strength.
      skeleton: `Skeleton`.
      side_px: int, longer side of the result.

    Returns:
      uint8 [H', W', 3].

    Raises:
      ValueError: if the heatmaps are not the skeleton's.
    """
    maps = np.asarray(heatmaps, np.float32)
    if maps.ndim != 3 or maps.shape[2] != skeleton.num_joints:
        raise ValueError(
            f"expected heatmaps [h, w, {skeleton.num_joints}] of skeleton {skeleton.name!r}, "
            f"received {list(maps.shape)}"
        )
    large, _ = enlarge(frame, side_px)
    size_hw = large.shape[:2]
    grey = cv2.cvtColor(large, cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None]
    picture = 0.6 * (0.75 * grey + 0.25 * large)

    # OpenCV's resize has the pixel convention of heatmaps. It drops the last axis of a single map.
    strengths = cv2.resize(maps, size_hw[::-1], interpolation=cv2.INTER_LINEAR).reshape(*size_hw, maps.shape[2])
    strengths = np.clip(strengths, 0, 1)

    # Paint weak maps first, so that strong ones are not covered.
    for j in np.argsort(strengths.max((0, 1))):
        alpha = 0.9 * strengths[..., j : j + 1]
        picture = picture * (1 - alpha) + np.asarray(skeleton.colors[j], np.float32) * alpha
    return np.round(picture).astype(np.uint8)


def draw_modes(picture: np.ndarray, points: np.ndarray, heights: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """Marks the highest mode of each joint with a disc, and those that compete with it with rings and lines to it.

    Args:
      picture: uint8 [H, W, 3], is not changed.
      points: float [J, M, 2], px of the picture, such as `heatmaps.find_modes` returns in heatmap px.
      heights: float [J, M], falling; 0: no such mode. Modes below a quarter of the highest are not drawn.
      skeleton: `Skeleton`.

    Returns:
      uint8 [H, W, 3].
    """
    heights = np.asarray(heights, np.float64)
    competes = (heights > 0) & (heights >= _LEAST_SHARE * heights[:, :1])  # [J, M]
    points = np.where(competes[..., None], points, np.nan)
    canvas = np.ascontiguousarray(picture).copy()
    for j, m in np.argwhere(competes[:, 1:]):
        start, end = (tuple(int(round(v)) for v in point) for point in (points[j, 0], points[j, m + 1]))
        cv2.line(canvas, start, end, skeleton.colors[j], 1, cv2.LINE_AA)
    bare = dataclasses.replace(skeleton, edges=())
    rings = np.full(skeleton.num_joints, HIDDEN)
    for m in range(1, points.shape[1]):
        canvas = draw_skeleton(canvas, points[:, m], bare, rings)
    return draw_skeleton(canvas, points[:, 0], bare)
