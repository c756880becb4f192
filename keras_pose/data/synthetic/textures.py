"""Colours and patterns, made once a clip: noise, cloth, skin, clutter.

Value noise (Perlin, 1985, the lattice variant) on float32 with products and sums only: the same on every machine.
"""

from __future__ import annotations

import numpy as np

LIGHT_SKIN, DARK_SKIN = (234, 196, 170), (92, 60, 44)


def uniform(rng, low, high):
    """Returns a float in [low, high)."""
    return low + (high - low) * float(rng.random())


def value_noise(rng, size_hw, cell_px):
    """Smooth noise: random values on a lattice, blended by smoothstep.

    Args:
      rng: `np.random.Generator`.
      size_hw: (height, width) in px.
      cell_px: distance of the lattice points in px, at least 1.

    Returns:
      float32 [h, w], -1..1, mean about 0.
    """
    height, width = size_hw
    cell_px = max(float(cell_px), 1.0)
    lattice = rng.random((int(height / cell_px) + 2, int(width / cell_px) + 2), np.float32) * np.float32(2) - 1
    rows, row_share = _lattice_position(height, cell_px)
    columns, column_share = _lattice_position(width, cell_px)
    strips = lattice[rows] + (lattice[rows + 1] - lattice[rows]) * row_share[:, None]
    return strips[:, columns] + (strips[:, columns + 1] - strips[:, columns]) * column_share


def _lattice_position(count, cell_px):
    position = np.arange(count, dtype=np.float32) / np.float32(cell_px)
    cell = position.astype(np.int32)
    share = position - cell
    return cell, share * share * (3 - 2 * share)


def fractal_noise(rng, size_hw, cell_px, octaves=3):
    """Value noise of several cell sizes, each half as large and 0.6 times as strong as the one before."""
    total, strength = np.zeros(size_hw, np.float32), np.float32(0.55)
    for octave in range(octaves):
        total += strength * value_noise(rng, size_hw, cell_px / 2**octave)
        strength *= np.float32(0.6)
    return total


def skin_color(rng):
    """Returns float32 [3], RGB 0..255 of a person's skin."""
    share = float(rng.random())
    light, dark = np.array(LIGHT_SKIN, np.float32), np.array(DARK_SKIN, np.float32)
    jitter = rng.integers(-10, 11, 3).astype(np.float32)
    return light + (dark - light) * np.float32(share) + jitter


def any_color(rng):
    """Returns float32 [3], RGB 20..235, from grey to vivid."""
    color = rng.integers(20, 236, 3).astype(np.float32)
    grey = (color[0] + color[1] + color[2]) / 3
    return grey + (color - grey) * np.float32(uniform(rng, 0.1, 1.0))


def cloth_pattern(rng):
    """Draws the numbers that make a cloth; `paint_cloth` puts the same cloth on every part."""
    return {
        "kind": ("plain", "stripes", "checks", "patches")[int(rng.integers(0, 4))],
        "period": uniform(rng, 0.18, 0.55),
        "slope": uniform(rng, -1.2, 1.2),
        "share": uniform(rng, 0.3, 0.7),
        "contrast": uniform(rng, 0.4, 1.0),
    }


def paint_cloth(rng, grid, pattern, first, second):
    """Paints cloth on a sprite's grid; float32 [h, w, 3].

    Args:
      rng: for the folds and the weave.
      grid: `shapes.Grid`.
      pattern: of `cloth_pattern`.
      first, second: float32 [3], the two colours.
    """
    kind, period, slope = pattern["kind"], pattern["period"], pattern["slope"]
    if kind == "plain":
        mix = np.zeros(grid.size_hw, np.float32)
    elif kind == "patches":
        mix = (value_noise(rng, grid.size_hw, period * grid.head_px) > 0.15).astype(np.float32)
    else:
        phase = (grid.y + grid.x * np.float32(slope)) / np.float32(period)
        mix = (phase - np.floor(phase) < pattern["share"]).astype(np.float32)
        if kind == "checks":
            across = (grid.x - grid.y * np.float32(slope)) / np.float32(period)
            mix = (mix + (across - np.floor(across) < pattern["share"])) / 2
    mix = (mix * np.float32(pattern["contrast"]))[..., None]
    folds = 1 + 0.2 * fractal_noise(rng, grid.size_hw, 0.4 * grid.head_px, 4)
    return (first + (second - first) * mix) * folds[..., None]


def paint_skin(rng, grid, color):
    """Paints skin with blotches; float32 [h, w, 3]."""
    return color * (1 + 0.13 * fractal_noise(rng, grid.size_hw, 0.25 * grid.head_px, 4))[..., None]


def clutter(rng, size_hw, scale_px, colors):
    """A room full of things: noise, boxes, discs and bars, some in the colours of the signer.

    Args:
      rng: `np.random.Generator`.
      size_hw: (height, width) in px.
      scale_px: a head's height in px, the measure of the things' sizes.
      colors: float32 [N, 3], colours of the signer that some of the things take.

    Returns:
      float32 [h, w, 3].
    """
    height, width = size_hw
    noise = fractal_noise(rng, size_hw, uniform(rng, 1.0, 2.5) * scale_px, 5)
    image = any_color(rng) + noise[..., None] * any_color(rng) * np.float32(uniform(rng, 0.3, 0.9))
    for _ in range(int(rng.integers(10, 40))):
        half_x, half_y = (uniform(rng, 0.1, 0.9) * scale_px for _ in range(2))
        center_x, center_y = uniform(rng, 0, width), uniform(rng, 0, height)
        color = colors[int(rng.integers(0, len(colors)))] if rng.random() < 0.4 else any_color(rng)
        round_shape, lean, opacity = rng.random() < 0.5, uniform(rng, -0.8, 0.8), uniform(rng, 0.5, 1)
        reach = half_y + abs(lean) * half_x
        top, bottom = max(int(center_y - reach), 0), min(int(center_y + reach) + 2, height)
        left, right = max(int(center_x - half_x), 0), min(int(center_x + half_x) + 2, width)
        if top >= bottom or left >= right:
            continue
        x = (np.arange(left, right, dtype=np.float32) - np.float32(center_x)) / np.float32(half_x)
        y = (np.arange(top, bottom, dtype=np.float32) - np.float32(center_y)) / np.float32(half_y)
        y = y[:, None] + np.float32(lean * half_x / half_y) * x
        inside = (x * x + y * y < 1) if round_shape else (np.maximum(np.abs(x), np.abs(y)) < 1)
        shade = inside * (np.float32(opacity) * (1 - 0.25 * np.clip(y, -1, 1)))
        region = image[top:bottom, left:right]
        region += (color - region) * np.clip(shade, 0, 1)[..., None]
    return image * (1 + 0.1 * value_noise(rng, size_hw, 1.5))[..., None]
