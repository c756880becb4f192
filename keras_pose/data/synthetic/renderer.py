"""Draws layers into frames with integers only, so that every machine gives the same bytes.

A sprite is packed as little-endian uint32, R | G << 8 | B << 16 | A << 24, premultiplied by its coverage. Red and blue
(and green and alpha) are blended side by side in the halves of one integer; bilinear weights have 8 bits.
"""

from __future__ import annotations

import math

import numpy as np

_HALVES = np.uint32(0x00FF00FF)
_EIGHT = np.uint32(8)


def pack_sprite(rgb, coverage) -> np.ndarray:
    """Packs a sprite for `draw`.

    Args:
      rgb: float32 [h, w, 3], 0..255 (clipped).
      coverage: float32 [h, w], 0..1.

    Returns:
      uint32 [h, w].
    """
    premultiplied = np.empty((*coverage.shape, 4), np.uint8)
    premultiplied[..., :3] = np.clip(rgb, 0, 255) * coverage[..., None]
    premultiplied[..., 3] = np.ceil(coverage * np.float32(255))
    return premultiplied.view("<u4")[..., 0]


def render(sprites, matrices, size_hw) -> np.ndarray:
    """Draws one frame, first layer first.

    Args:
      sprites: list of uint32 [h, w], see `pack_sprite`.
      matrices: list of float64 [3, 2, 3], sprite px to frame px at shutter open, middle and close.
      size_hw: (height, width) in px.

    Returns:
      uint8 [H, W, 3].
    """
    canvas = (np.zeros(size_hw, np.uint32), np.zeros(size_hw, np.uint32))
    for sprite, moments in zip(sprites, matrices):
        draw(canvas, sprite, moments)
    packed = canvas[0] | (canvas[1] << _EIGHT)
    return np.ascontiguousarray(packed.astype("<u4").view(np.uint8).reshape(*size_hw, 4)[..., :3])


def draw(canvas, sprite, moments):
    """Draws a sprite over the canvas, smeared along its movement while the shutter is open.

    Args:
      canvas: (red and blue, green and alpha), both uint32 [H, W], changed in place.
      sprite: uint32 [h, w].
      moments: float64 [3, 2, 3], sprite px to frame px.
    """
    corners = _corners(sprite.shape, moments)
    left, top = (int(v) for v in np.floor(corners.min((0, 1))))
    right, bottom = (int(v) + 2 for v in np.floor(corners.max((0, 1))))
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, canvas[0].shape[1]), min(bottom, canvas[0].shape[0])
    if left >= right or top >= bottom:
        return
    travel = float(np.abs(corners[2] - corners[0]).max())
    doublings = 0 if travel < 0.7 else 1 if travel < 1.8 else 2
    count = 1 << doublings
    red_blue = green_alpha = np.uint32(0)
    for number in range(count):
        share = (number + 0.5) / count * 2 - 1  # -1 shutter opens, 1 closes
        other = moments[2] if share > 0 else moments[0]
        matrix = moments[1] + (other - moments[1]) * abs(share)
        first, second = _sample(sprite, _invert_one(matrix), (left, top, right, bottom))
        red_blue, green_alpha = red_blue + first, green_alpha + second
    if doublings:
        red_blue, green_alpha = ((v >> np.uint32(doublings)) & _HALVES for v in (red_blue, green_alpha))
    alpha = green_alpha >> np.uint32(16)
    keep = np.uint32(256) - alpha - (alpha >> np.uint32(7))
    for plane, drawn in zip(canvas, (red_blue, green_alpha)):
        region = plane[top:bottom, left:right]
        region *= keep
        region >>= _EIGHT
        region &= _HALVES
        region += drawn


def invert(matrix) -> np.ndarray:
    """Inverts affine maps float64 [..., 2, 3]."""
    (a, b, c), (d, e, f) = (tuple(matrix[..., r, k] for k in range(3)) for r in range(2))
    scale = 1 / (a * e - b * d)
    rows = [(e * scale, -b * scale, (b * f - c * e) * scale), (-d * scale, a * scale, (c * d - a * f) * scale)]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def apply(matrix, x, y):
    """Maps points by an affine map float64 [..., 2, 3]; returns (x, y)."""
    return (
        matrix[..., 0, 0] * x + matrix[..., 0, 1] * y + matrix[..., 0, 2],
        matrix[..., 1, 0] * x + matrix[..., 1, 1] * y + matrix[..., 1, 2],
    )


def covers(coverage, matrix, x, y) -> np.ndarray:
    """Whether a sprite covers points of the frame by half or more.

    Args:
      coverage: float32 [h, w], 0..1.
      matrix: float64 [..., 2, 3], sprite px to frame px, broadcast against the points.
      x, y: frame px.

    Returns:
      bool, the shape of the broadcast points.
    """
    column, row = apply(invert(matrix), x, y)
    column, row = np.floor(column + 0.5).astype(np.int64), np.floor(row + 0.5).astype(np.int64)
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
    """Bilinear samples of a box (left, top, right, bottom) of the frame: (red and blue, green and alpha) uint32."""
    left, top, right, bottom = box
    fixed = [[math.floor(value * 65536 + 0.5) for value in row] for row in inverse]
    columns, rows = np.arange(left, right), np.arange(top, bottom)
    height, width = sprite.shape
    position = []
    for (per_column, per_row, offset), size in zip(fixed, (width, height)):
        value = (per_column * columns + offset).astype(np.int32) + (per_row * rows).astype(np.int32)[:, None]
        position.append(np.clip(value, 0, ((size - 1) << 16) - 1, out=value))
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
