"""Colours and patterns, drawn once per clip: noise, cloth, skin, clutter.

Value noise (Perlin, 1985, the lattice variant) in float32 with products and sums only: the same on every machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_pose.data.synthetic.draws import uniform
from keras_pose.data.synthetic.shapes import Grid

LIGHT_SKIN = (234, 196, 170)
DARK_SKIN = (92, 60, 44)


def value_noise(rng: np.random.Generator, size_hw: tuple[int, int], cell_px: float) -> np.ndarray:
    """Draws smooth noise: random values on a lattice, blended by smoothstep.

    Args:
      rng: draws the values.
      size_hw: (height, width) in px.
      cell_px: distance of the lattice points in px, at least 1.

    Returns:
      float32 [h, w], -1 to 1, mean about 0.
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


def fractal_noise(rng: np.random.Generator, size_hw: tuple[int, int], cell_px: float, octaves: int = 3) -> np.ndarray:
    """Adds value noise of several cell sizes, each half as large and 0.6 times as strong as the one before."""
    total = np.zeros(size_hw, np.float32)
    strength = np.float32(0.55)
    for octave in range(octaves):
        total += strength * value_noise(rng, size_hw, cell_px / 2**octave)
        strength *= np.float32(0.6)
    return total


def skin_color(rng: np.random.Generator) -> np.ndarray:
    """Draws float32 [3], RGB 0 to 255 of the skin of a person."""
    share = float(rng.random())
    light = np.array(LIGHT_SKIN, np.float32)
    dark = np.array(DARK_SKIN, np.float32)
    jitter = rng.integers(-10, 11, 3).astype(np.float32)
    return light + (dark - light) * np.float32(share) + jitter


def any_color(rng: np.random.Generator) -> np.ndarray:
    """Draws float32 [3], RGB 20 to 235, from grey to vivid."""
    color = rng.integers(20, 236, 3).astype(np.float32)
    grey = (color[0] + color[1] + color[2]) / 3
    return grey + (color - grey) * np.float32(uniform(rng, 0.1, 1.0))


def cloth_pattern(rng: np.random.Generator) -> dict[str, Any]:
    """Draws the numbers that describe a cloth, so that `paint_cloth` can paint the same cloth on every part."""
    return {
        "kind": ("plain", "stripes", "checks", "patches")[int(rng.integers(0, 4))],
        "period": uniform(rng, 0.18, 0.55),
        "slope": uniform(rng, -1.2, 1.2),
        "share": uniform(rng, 0.3, 0.7),
        "contrast": uniform(rng, 0.4, 1.0),
    }


def paint_cloth(
    rng: np.random.Generator, grid: Grid, pattern: dict[str, Any], first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """Paints cloth on the grid of a sprite.

    Args:
      rng: draws the folds and the patches.
      grid: pixels of the sprite.
      pattern: from `cloth_pattern`.
      first: float32 [3], the main colour.
      second: float32 [3], the colour of the pattern.

    Returns:
      float32 [h, w, 3].
    """
    # Share of the second colour in each pixel.
    kind = pattern["kind"]
    period = pattern["period"]
    slope = pattern["slope"]
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
    # Folds make it lighter and darker.
    folds = 1 + 0.2 * fractal_noise(rng, grid.size_hw, 0.4 * grid.head_px, 4)
    return (first + (second - first) * mix) * folds[..., None]


def paint_skin(rng: np.random.Generator, grid: Grid, color: np.ndarray) -> np.ndarray:
    """Paints skin with blotches; returns float32 [h, w, 3]."""
    return color * (1 + 0.13 * fractal_noise(rng, grid.size_hw, 0.25 * grid.head_px, 4))[..., None]


def clutter(rng: np.random.Generator, size_hw: tuple[int, int], scale_px: float, colors: np.ndarray) -> np.ndarray:
    """Paints a room full of things: noise, boxes and discs, some in the colours of the signer.

    Args:
      rng: draws the things.
      size_hw: (height, width) in px.
      scale_px: height of a head in px; the things are 0.1 to 0.9 times as wide and high on each side of their middle.
      colors: float32 [N, 3], colours of the signer, used for some of the things.

    Returns:
      float32 [h, w, 3].
    """
    height, width = size_hw
    noise = fractal_noise(rng, size_hw, uniform(rng, 1.0, 2.5) * scale_px, 5)
    image = any_color(rng) + noise[..., None] * any_color(rng) * np.float32(uniform(rng, 0.3, 0.9))
    for _ in range(int(rng.integers(10, 40))):
        half_x, half_y = (uniform(rng, 0.1, 0.9) * scale_px for _ in range(2))
        center_x = uniform(rng, 0, width)
        center_y = uniform(rng, 0, height)
        # Draw the thing: place, colour, shape, and the region that it can cover.
        color = colors[int(rng.integers(0, len(colors)))] if rng.random() < 0.4 else any_color(rng)
        round_shape = rng.random() < 0.5
        lean = uniform(rng, -0.8, 0.8)
        opacity = uniform(rng, 0.5, 1)
        reach = half_y + abs(lean) * half_x
        top = max(int(center_y - reach), 0)
        bottom = min(int(center_y + reach) + 2, height)
        left = max(int(center_x - half_x), 0)
        right = min(int(center_x + half_x) + 2, width)
        if top >= bottom or left >= right:
            continue
        # Blend it into that region.
        x = (np.arange(left, right, dtype=np.float32) - np.float32(center_x)) / np.float32(half_x)
        y = (np.arange(top, bottom, dtype=np.float32) - np.float32(center_y)) / np.float32(half_y)
        y = y[:, None] + np.float32(lean * half_x / half_y) * x
        inside = (x * x + y * y < 1) if round_shape else (np.maximum(np.abs(x), np.abs(y)) < 1)
        shade = inside * (np.float32(opacity) * (1 - 0.25 * np.clip(y, -1, 1)))
        region = image[top:bottom, left:right]
        region += (color - region) * np.clip(shade, 0, 1)[..., None]
    return image * (1 + 0.1 * value_noise(rng, size_hw, 1.5))[..., None]
