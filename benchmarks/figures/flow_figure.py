"""The figure of `benchmarks.flow`: a pair of frames, its true flow and that of each estimator, in colour."""

from __future__ import annotations

import cv2
import numpy as np

from keras_pose.viz.pictures import Tile, draw_grid

COLUMNS = 4
_LEAST_PX = 220  # smaller pictures are enlarged, pixels left square
_FRAME_RGB = (150, 160, 175)
_FULL_COLOUR = 99  # percentile of the true speed that has full colour


def colour_wheel(flow, full_px) -> np.ndarray:
    """Colours flow: the hue is its direction, white is no motion.

    Args:
      flow: float [H, W, 2], (dx, dy).
      full_px: length of flow with full colour, above 0.

    Returns:
      uint8 [H, W, 3]. To the right is red, down yellow-green, to the left cyan, up violet.
    """
    x, y = flow[..., 0].astype(np.float32), flow[..., 1].astype(np.float32)
    hue = np.degrees(np.arctan2(y, x)) % 360
    saturation = np.minimum(np.hypot(x, y) / full_px, 1)
    hsv = np.stack([hue, saturation, np.ones_like(hue)], -1).astype(np.float32)
    return np.round(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255).astype(np.uint8)


def most_moving(pairs):
    """The pair whose body moves most: by the sum of speeds, of those that estimators can follow (below 12 px)."""

    def motion(pair):
        speed = np.linalg.norm(pair.flow, axis=-1)
        return (speed * (speed < 12) * pair.regions["body"] * pair.regions["moving"]).sum()

    return max(pairs, key=motion)


def draw(opened, pairs) -> np.ndarray:
    """Draws the pair that moves most.

    Args:
      opened: dict estimator -> function (target, source).
      pairs: list of `benchmarks.flow.Pair`.

    Returns:
      uint8 [H, W, 3].
    """
    pair = most_moving(pairs)
    full_px = max(1.0, float(np.percentile(np.linalg.norm(pair.flow, axis=-1), _FULL_COLOUR)))
    unseen = ~pair.regions["all"]
    truth = colour_wheel(pair.flow, full_px)
    truth[unseen] //= 2
    pictures = [
        (pair.target, ("target",)),
        (pair.source, ("source",)),
        (_legend(pair.target.shape[0]), ("directions", f"full colour: {full_px:.1f} px")),
        (truth, ("true flow", "darker: hidden in the source")),
    ]
    for name, estimate in opened.items():
        flow = estimate(pair.target, pair.source)
        error = np.linalg.norm(flow - pair.flow, axis=-1)
        body, moving = (error[pair.regions[region]].mean() for region in ("body", "moving"))
        pictures.append((colour_wheel(flow, full_px), (name, f"error: body {body:.2f}, moving {moving:.2f} px")))
    note = "mean end-point errors in px, where the surface is seen in both frames"
    return draw_grid([Tile(_enlarge(p), caption) for p, caption in pictures], COLUMNS, "Optical flow of a signer", note)


def _legend(side):
    y, x = np.mgrid[:side, :side].astype(np.float32) - (side - 1) / 2
    wheel = colour_wheel(np.stack([x, y], -1), side / 2)
    wheel[np.hypot(x, y) > side / 2] = 255
    return wheel


def _enlarge(picture):
    times = -(-_LEAST_PX // picture.shape[0])
    picture = cv2.resize(picture, None, fx=times, fy=times, interpolation=cv2.INTER_NEAREST)
    return cv2.copyMakeBorder(picture, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=_FRAME_RGB)  # no flow is white
