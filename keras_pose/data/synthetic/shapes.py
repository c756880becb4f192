"""Shapes of the parts of a body, as the coverage of sprites.

Uses only additions, products, divisions and square roots of single elements, so every machine gives the same bytes.
Lengths are in heads (the height of the signer's head). Coverage is float32 from 0 to 1, with an edge about one pixel
wide. Shapes are fields of signed distance to their outline: in heads, positive inside, approximate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Grid:
    """The pixels of a sprite, in heads.

    Args:
      bounds: (x0, y0, x1, y1) in heads; two transparent pixels are added on each side.
      head_px: pixels per head.

    Attributes:
      x, y: float32 [h, w], the position of each pixel in heads.
      size_hw: (h, w) in px.
      origin_xy: the position of the point (0, 0) in px of the sprite.
    """

    def __init__(self, bounds: tuple[float, float, float, float], head_px: float) -> None:
        x0, y0, x1, y1 = (v * head_px for v in bounds)
        self.origin_xy = (float(2 - int(np.floor(x0))), float(2 - int(np.floor(y0))))
        self.size_hw = (int(np.ceil(y1) - np.floor(y0)) + 5, int(np.ceil(x1) - np.floor(x0)) + 5)
        self.head_px = float(head_px)
        rows, columns = np.mgrid[: self.size_hw[0], : self.size_hw[1]].astype(np.float32)
        self.x = (columns - np.float32(self.origin_xy[0])) / np.float32(head_px)
        self.y = (rows - np.float32(self.origin_xy[1])) / np.float32(head_px)

    def edge(self, inside: np.ndarray) -> np.ndarray:
        """Returns the coverage, float32 [h, w] from 0 to 1, of a shape given by its signed distance."""
        return np.clip(inside * np.float32(self.head_px) + np.float32(0.5), 0, 1)


def capsule(
    grid: Grid, start: Sequence[float], end: Sequence[float], start_radius: float, end_radius: float
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the signed distance to a tapered capsule between two points (x, y), and the position along it, 0 to 1."""
    dx = end[0] - start[0]
    dy = end[1] - start[1]
    length_sq = max(dx * dx + dy * dy, 1e-9)
    along = np.clip(((grid.x - start[0]) * dx + (grid.y - start[1]) * dy) / length_sq, 0, 1)
    off_x = grid.x - start[0] - along * dx
    off_y = grid.y - start[1] - along * dy
    radius = start_radius + along * (end_radius - start_radius)
    return radius - np.sqrt(off_x * off_x + off_y * off_y), along


def ellipse(grid: Grid, center: Sequence[float], radii: Sequence[float]) -> np.ndarray:
    """Returns the signed distance to an ellipse; it is exact if both radii are equal."""
    x = (grid.x - center[0]) / radii[0]
    y = (grid.y - center[1]) / radii[1]
    return (1 - np.sqrt(x * x + y * y)) * min(radii)


def torso(grid: Grid, half_width: float, waist: float, bottom: float) -> np.ndarray:
    """Returns the signed distance to a torso: sloping shoulders at y = 0 and x = ±half_width, narrower at the waist."""
    x = np.abs(grid.x)
    y = grid.y
    down = np.clip(y / 2.2, 0, 1)
    side = half_width + 0.2 + down * (waist - half_width - 0.2) - x
    top = y + 0.42 - np.clip(x - 0.2, 0, None) * (0.28 / half_width)
    return np.minimum(np.minimum(side, top), bottom - y)


def hand(grid: Grid, fingers: Sequence[float], spread: float, length: float, thumb: float) -> np.ndarray:
    """Returns the signed distance to a hand: the wrist at (0, 0), fingers along +x, thumb towards -y.

    Args:
      grid: pixels of the sprite.
      fingers: length of the 4 fingers, 0 (bent) to 1 (straight).
      spread: how far the fingers fan out, in heads.
      length: distance from the wrist to the fingertips, in heads.
      thumb: how far the thumb reaches to the side, in heads.
    """
    palm = length * 0.5
    field = np.maximum(
        ellipse(grid, (palm * 0.55, 0.0), (palm * 0.62, 0.2)), capsule(grid, (0, 0), (palm, 0), 0.12, 0.17)[0]
    )
    for number, share in enumerate(fingers):
        side = (number - 1.5) / 1.5
        base = (palm * 0.8, side * 0.125)
        tip = (palm * 0.85 + (length - palm) * share, side * (0.125 + spread * share))
        field = np.maximum(field, capsule(grid, base, tip, 0.058, 0.045)[0])
    return np.maximum(field, capsule(grid, (palm * 0.35, -0.08), (palm * 0.8, -0.14 - thumb), 0.07, 0.05)[0])
