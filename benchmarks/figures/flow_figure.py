"""The figure of `flow`: a pair of frames, its true flow and the flow of each estimator, in colour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from keras_pose.viz.pictures import Tile, draw_grid

if TYPE_CHECKING:
    from benchmarks.flow import Pair

COLUMNS = 4
_SMALLEST_PX = 220  # smaller pictures are enlarged; pixels stay square
_FRAME_RGB = (150, 160, 175)
_FULL_COLOUR = 99  # percentile of the true speed that is drawn in full colour


def color_flow(flow: np.ndarray, full_px: float) -> np.ndarray:
    """Colours flow: the hue shows its direction, white is no motion.

    Args:
      flow: float [H, W, 2], (dx, dy).
      full_px: length of flow that gets full colour, above 0.

    Returns:
      uint8 [H, W, 3]. Right is red, down yellow-green, left cyan, up violet.
    """
    x, y = np.moveaxis(flow.astype(np.float32), -1, 0)
    hue = np.degrees(np.arctan2(y, x)) % 360
    saturation = np.minimum(np.hypot(x, y) / full_px, 1)
    hsv = np.stack([hue, saturation, np.ones_like(hue)], -1).astype(np.float32)
    return np.round(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255).astype(np.uint8)


def choose_pair(pairs: Sequence[Pair]) -> Pair:
    """Chooses the pair whose body moves most: the largest sum of speeds that estimators can follow (below 12 px)."""

    def motion(pair):
        speed = np.linalg.norm(pair.flow, axis=-1)
        return (speed * (speed < 12) * pair.regions["body"] * pair.regions["moving"]).sum()

    return max(pairs, key=motion)


def draw(opened: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]], pairs: Sequence[Pair]) -> np.ndarray:
    """Draws the pair that moves most.

    Args:
      opened: by estimator, a function (target, source) to flow.
      pairs: pairs to choose from.

    Returns:
      uint8 [H, W, 3].
    """
    pair = choose_pair(pairs)
    full_px = max(1.0, float(np.percentile(np.linalg.norm(pair.flow, axis=-1), _FULL_COLOUR)))
    unseen = ~pair.regions["all"]
    truth = color_flow(pair.flow, full_px)
    truth[unseen] //= 2
    pictures = [
        (pair.target, ("target",)),
        (pair.source, ("source",)),
        (_draw_legend(pair.target.shape[0]), ("directions", f"full colour: {full_px:.1f} px")),
        (truth, ("true flow", "darker: hidden in the source")),
    ]
    for name, estimate in opened.items():
        flow = estimate(pair.target, pair.source)
        error = np.linalg.norm(flow - pair.flow, axis=-1)
        body, moving = (error[pair.regions[region]].mean() for region in ("body", "moving"))
        pictures.append((color_flow(flow, full_px), (name, f"error: body {body:.2f}, moving {moving:.2f} px")))
    note = "mean end-point errors in px, over pixels whose surface is visible in both frames"
    return draw_grid([Tile(_enlarge(p), caption) for p, caption in pictures], COLUMNS, "Optical flow of a signer", note)


def _draw_legend(side):
    y, x = np.mgrid[:side, :side].astype(np.float32) - (side - 1) / 2
    wheel = color_flow(np.stack([x, y], -1), side / 2)
    wheel[np.hypot(x, y) > side / 2] = 255
    return wheel


def _enlarge(picture):
    times = -(-_SMALLEST_PX // picture.shape[0])
    picture = cv2.resize(picture, None, fx=times, fy=times, interpolation=cv2.INTER_NEAREST)
    return cv2.copyMakeBorder(picture, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=_FRAME_RGB)  # no flow is white
