"""Draws layers into frames with integers only, so that every machine gives the same bytes.

A sprite is packed as little-endian uint32, R | G << 8 | B << 16 | A << 24, multiplied by its coverage. Red and blue
(and green and alpha) are blended together, in the two halves of one integer. Bilinear weights have 8 bits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

_HALVES = np.uint32(0x00FF00FF)
_EIGHT = np.uint32(8)


def pack_sprite(rgb: np.ndarray, coverage: np.ndarray) -> np.ndarray:
    """Packs a sprite for `draw`.

    Args:
      rgb: float32 [h, w, 3], 0 to 255 (clipped).
      coverage: float32 [h, w], 0 to 1.

    Returns:
      uint32 [h, w].
    """
    premultiplied = np.empty((*coverage.shape, 4), np.uint8)
    premultiplied[..., :3] = np.clip(rgb, 0, 255) * coverage[..., None]
    premultiplied[..., 3] = np.ceil(coverage * np.float32(255))
    return premultiplied.view("<u4")[..., 0]


def render(sprites: Sequence[np.ndarray], matrices: Sequence[np.ndarray], size_hw: tuple[int, int]) -> np.ndarray:
    """Draws one frame, from the back to the front.

    Args:
      sprites: uint32 [h, w] each, see `pack_sprite`.
      matrices: float64 [3, 2, 3] each, sprite px to frame px when the shutter opens, in the middle, when it closes.
      size_hw: (height, width) in px.

    Returns:
      uint8 [H, W, 3].
    """
    canvas = (np.zeros(size_hw, np.uint32), np.zeros(size_hw, np.uint32))
    for sprite, moments in zip(sprites, matrices):
        draw(canvas, sprite, moments)
    packed = canvas[0] | (canvas[1] << _EIGHT)
    return np.ascontiguousarray(packed.astype("<u4").view(np.uint8).reshape(*size_hw, 4)[..., :3])


def draw(canvas: tuple[np.ndarray, np.ndarray], sprite: np.ndarray, moments: np.ndarray) -> None:
    """Draws a sprite over the canvas, blurred along its movement while the shutter is open.

    Args:
      canvas: (red and blue, green and alpha), both uint32 [H, W], changed in place.
      sprite: uint32 [h, w].
      moments: float64 [3, 2, 3], sprite px to frame px.
    """
    # Find the region of the frame that the sprite can touch.
    corners = _corners(sprite.shape, moments)
    left, top = (int(v) for v in np.floor(corners.min((0, 1))))
    right, bottom = (int(v) + 2 for v in np.floor(corners.max((0, 1))))
    left = max(left, 0)
    top = max(top, 0)
    right = min(right, canvas[0].shape[1])
    bottom = min(bottom, canvas[0].shape[0])
    if left >= right or top >= bottom:
        return
    # Average 1, 2 or 4 samples along the movement.
    travel = float(np.abs(corners[2] - corners[0]).max())
    doublings = 0 if travel < 0.7 else 1 if travel < 1.8 else 2
    count = 1 << doublings
    red_blue = green_alpha = np.uint32(0)
    for number in range(count):
        share = (number + 0.5) / count * 2 - 1  # -1 shutter opens, 1 closes
        other = moments[2] if share > 0 else moments[0]
        matrix = moments[1] + (other - moments[1]) * abs(share)
        first, second = _sample(sprite, _invert_one(matrix), (left, top, right, bottom))
        red_blue = red_blue + first
        green_alpha = green_alpha + second
    if doublings:
        red_blue, green_alpha = ((v >> np.uint32(doublings)) & _HALVES for v in (red_blue, green_alpha))
    # Blend over the region, both planes with the same alpha.
    alpha = green_alpha >> np.uint32(16)
    keep = np.uint32(256) - alpha - (alpha >> np.uint32(7))
    for plane, drawn in zip(canvas, (red_blue, green_alpha)):
        region = plane[top:bottom, left:right]
        region *= keep
        region >>= _EIGHT
        region &= _HALVES
        region += drawn


def invert(matrix: np.ndarray) -> np.ndarray:
    """Inverts affine maps, float64 [..., 2, 3] in and out."""
    (a, b, c), (d, e, f) = (tuple(matrix[..., r, k] for k in range(3)) for r in range(2))
    scale = 1 / (a * e - b * d)
    rows = [(e * scale, -b * scale, (b * f - c * e) * scale), (-d * scale, a * scale, (c * d - a * f) * scale)]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def apply(matrix: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maps points by affine maps float64 [..., 2, 3]; returns (x, y)."""
    return (
        matrix[..., 0, 0] * x + matrix[..., 0, 1] * y + matrix[..., 0, 2],
        matrix[..., 1, 0] * x + matrix[..., 1, 1] * y + matrix[..., 1, 2],
    )


def covers(coverage: np.ndarray, matrix: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Whether a sprite covers points of the frame by half or more.

    Args:
      coverage: float32 [h, w], 0 to 1.
      matrix: float64 [..., 2, 3], sprite px to frame px, broadcast against the points.
      x, y: positions of the points in frame px.

    Returns:
      bool, the shape of the broadcast points.
    """
    column, row = apply(invert(matrix), x, y)
    column = np.floor(column + 0.5).astype(np.int64)
    row = np.floor(row + 0.5).astype(np.int64)
    inside = (column >= 0) & (row >= 0) & (column < coverage.shape[1]) & (row < coverage.shape[0])
    value = coverage[np.clip(row, 0, coverage.shape[0] - 1), np.clip(column, 0, coverage.shape[1] - 1)]
    return inside & (value >= 0.5)


def _corners(shape, moments):
    x = np.array((0, shape[1] - 1, 0, shape[1] - 1), np.float64)
    y = np.array((0, 0, shape[0] - 1, shape[0] - 1), np.float64)
    return np.stack(apply(moments[:, None], x, y), -1)  # [3, 4, 2]


def _invert_one(matrix):
    """Like `invert`, for one map and as nested lists: four times as fast."""
    a, b, c, d, e, f = matrix.ravel().tolist()
    scale = 1 / (a * e - b * d)
    return (e * scale, -b * scale, (b * f - c * e) * scale), (-d * scale, a * scale, (c * d - a * f) * scale)


def _sample(sprite, inverse, box):
    """Samples a box (left, top, right, bottom) bilinearly: (red and blue, green and alpha), both uint32."""
    left, top, right, bottom = box
    # Positions in the sprite, in 65536ths of a pixel, clipped to its edges.
    fixed = [[math.floor(value * 65536 + 0.5) for value in row] for row in inverse]
    columns = np.arange(left, right)
    rows = np.arange(top, bottom)
    height, width = sprite.shape
    position = []
    for (per_column, per_row, offset), size in zip(fixed, (width, height)):
        value = (per_column * columns + offset).astype(np.int32) + (per_row * rows).astype(np.int32)[:, None]
        position.append(np.clip(value, 0, ((size - 1) << 16) - 1, out=value))
    # Blend the four pixels around each position.
    column_share, row_share = (((v >> 8) & 255).view(np.uint32) for v in position)
    start = ((position[1] >> 16) * width + (position[0] >> 16)).astype(np.intp)
    flat = sprite.ravel()
    near, far = (_lerp(flat.take(start + step), flat.take(start + step + 1), column_share) for step in (0, width))
    return tuple(_mix(a, b, row_share) for a, b in zip(near, far))


def _lerp(first, second, share):
    return (
        _mix(first & _HALVES, second & _HALVES, share),
        _mix((first >> _EIGHT) & _HALVES, (second >> _EIGHT) & _HALVES, share),
    )


def _mix(first, second, share):
    """Blends two halves at once: share/256 of `second`; no half overflows, 255 · 256 < 2^16."""
    return ((first * (np.uint32(256) - share) + second * share) >> _EIGHT) & _HALVES
