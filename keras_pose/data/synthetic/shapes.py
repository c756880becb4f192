"""Coverage of the parts of a body: where each sprite is opaque.

Only additions, products, divisions and square roots, element by element, so that every machine gives the same bytes.
Lengths are in heads (the height of the signer's head), coverage is float32 0..1 with an edge about one pixel wide.
"""

from __future__ import annotations

import numpy as np


class Grid:
    """The pixels of a sprite in heads: `x`, `y` float32 [h, w], `head_px` pixels a head.

    Args:
      bounds: (x0, y0, x1, y1) in heads; two transparent pixels are added around.
      head_px: pixels a head.
    """

    def __init__(self, bounds, head_px):
        x0, y0, x1, y1 = (v * head_px for v in bounds)
        self.origin_xy = (float(2 - int(np.floor(x0))), float(2 - int(np.floor(y0))))
        self.size_hw = (int(np.ceil(y1) - np.floor(y0)) + 5, int(np.ceil(x1) - np.floor(x0)) + 5)
        self.head_px = float(head_px)
        rows, columns = np.mgrid[: self.size_hw[0], : self.size_hw[1]].astype(np.float32)
        self.x = (columns - np.float32(self.origin_xy[0])) / np.float32(head_px)
        self.y = (rows - np.float32(self.origin_xy[1])) / np.float32(head_px)

    def edge(self, inside):
        """Returns coverage float32 0..1 of a field that is the distance to the outline in heads, positive inside."""
        return np.clip(inside * np.float32(self.head_px) + np.float32(0.5), 0, 1)


def capsule(grid, start, end, start_radius, end_radius):
    """Signed distance (heads, positive inside) to a tapered capsule, about; also the position along it, 0..1."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length_sq = max(dx * dx + dy * dy, 1e-9)
    along = np.clip(((grid.x - start[0]) * dx + (grid.y - start[1]) * dy) / length_sq, 0, 1)
    off_x, off_y = grid.x - start[0] - along * dx, grid.y - start[1] - along * dy
    radius = start_radius + along * (end_radius - start_radius)
    return radius - np.sqrt(off_x * off_x + off_y * off_y), along


def ellipse(grid, center, radii):
    """Signed distance (heads, positive inside) to an ellipse, about (exact where the radii are equal)."""
    x, y = (grid.x - center[0]) / radii[0], (grid.y - center[1]) / radii[1]
    return (1 - np.sqrt(x * x + y * y)) * min(radii)


def torso(grid, half_width, waist, bottom):
    """Signed distance to a torso: sloping shoulders at y = 0 at ±half_width, sides running in to the waist."""
    x, y = np.abs(grid.x), grid.y
    down = np.clip(y / 2.2, 0, 1)
    side = half_width + 0.2 + down * (waist - half_width - 0.2) - x
    top = y + 0.42 - np.clip(x - 0.2, 0, None) * (0.28 / half_width)
    return np.minimum(np.minimum(side, top), bottom - y)


def hand(grid, fingers, spread, length, thumb):
    """Signed distance to a hand: the wrist at (0, 0), fingers along +x, thumb towards -y.

    Args:
      fingers: 4 lengths as a share of `length`, 0 for a bent finger.
      spread: how far the fingers fan out, heads.
      length: from wrist to fingertips, heads.
      thumb: the thumb's reach to the side, heads.
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
