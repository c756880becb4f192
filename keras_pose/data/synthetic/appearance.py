"""What a signer looks like and wears: the sprites of torso, head, arms and hands.

A part has its coverage from the start and paints its colours later, so visibility can be computed without painting.
Both arms share shapes and cloth: left and right look alike, and differ only by their shoulder.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Callable

import numpy as np

from keras_pose.data.synthetic import motion, shapes, textures
from keras_pose.data.synthetic.draws import uniform

SLEEVES = ("none", "short", "half", "long")


@dataclasses.dataclass(frozen=True)
class Part:
    """A sprite.

    Args:
      name: name of the part.
      grid: its pixels.
      coverage: float32 [h, w], 0 to 1.
      paint: draws the colours, float32 [h, w, 3], RGB 0 to 255.
    """

    name: str
    grid: shapes.Grid
    coverage: np.ndarray
    paint: Callable[[np.random.Generator], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Look:
    """The look of a person.

    Args:
      skin, hair: float32 [3], RGB 0 to 255.
      cloth: its two colours, each float32 [3].
      pattern: pattern of the cloth, from `textures.cloth_pattern`.
      sleeves: one of `SLEEVES`.
    """

    skin: np.ndarray
    hair: np.ndarray
    cloth: tuple[np.ndarray, np.ndarray]
    pattern: dict[str, Any]
    sleeves: str


def draw_look(rng: np.random.Generator, skin_cloth: float = 0.2) -> Look:
    """Draws the look of a person; this share of them wears cloth of almost the colour of the skin."""
    skin = textures.skin_color(rng)
    hair = np.array((22, 17, 14), np.float32) + float(rng.random()) * np.array((165, 120, 70), np.float32)
    hair = (hair + rng.integers(0, 14, 3)).astype(np.float32)
    cloth = textures.any_color(rng), textures.any_color(rng)
    if rng.random() < skin_cloth:
        cloth = skin * np.float32(uniform(rng, 0.8, 1.15)), skin * np.float32(uniform(rng, 0.5, 1.2))
    sleeves = SLEEVES[int(np.searchsorted((0.12, 0.42, 0.6), rng.random()))]
    return Look(skin, hair, cloth, textures.cloth_pattern(rng), sleeves)


def make_parts(rng: np.random.Generator, look: Look, body: motion.Body, head_px: float) -> list[Part]:
    """Makes the parts of a signer: torso, head, and for each side upper arm, forearm and hand.

    Args:
      rng: draws the shapes; `Part.paint` takes a generator of its own.
      look: look of the signer.
      body: proportions of the signer.
      head_px: pixels per head.
    """
    parts = [_torso(rng, look, body, head_px), _head(rng, look, head_px)]
    thick = uniform(rng, 0.9, 1.15)
    for side in ("right", "left"):
        parts.append(_limb(f"{side}_upper_arm", look, head_px, body.upper_arm, (0.27 * thick, 0.2 * thick), 0.0))
        parts.append(_limb(f"{side}_forearm", look, head_px, body.forearm, (0.2 * thick, 0.125 * thick), 1.0))
        parts.append(_hand(rng, look, head_px, side))
    return parts


def make_lookalike(rng: np.random.Generator, name: str, look: Look, head_px: float) -> Part:
    """Makes a thing that looks like a hand or a forearm of the signer.

    Args:
      rng: draws the shape.
      name: name of the part.
      look: look of the signer.
      head_px: pixels per head.
    """
    if rng.random() < 0.6:
        return dataclasses.replace(_hand(rng, look, head_px, "other"), name=name)
    return _limb(name, look, head_px, uniform(rng, 0.6, 1.1), (0.2, 0.125), 1.0)


def _torso(rng, look, body, head_px):
    waist = uniform(rng, 0.62, 0.95)
    bottom = 6.0
    grid = shapes.Grid((-1.3, -0.75, 1.3, bottom), head_px)
    trunk = shapes.torso(grid, body.half_width, waist, bottom - 0.1)
    neck = shapes.capsule(grid, (0, -0.7), (0, -0.1), 0.26, 0.28)[0]
    collar = uniform(rng, 0.05, 0.4)
    open_neck = shapes.ellipse(grid, (0, -0.35), (0.34, 0.1 + collar))

    def paint(rng: np.random.Generator) -> np.ndarray:
        cloth = textures.paint_cloth(rng, grid, look.pattern, *look.cloth)
        bare = np.maximum(np.where(grid.y < -0.3, neck, -1), open_neck)
        rgb = _blend(cloth, textures.paint_skin(rng, grid, look.skin), grid.edge(bare))
        side = np.clip(np.abs(grid.x) / np.float32(body.half_width + 0.2), 0, 1)
        chin = np.clip((grid.y + 0.6) / 0.3, 0.55, 1)
        return rgb * ((1 - 0.35 * side * side * side) * chin)[..., None]

    return Part("torso", grid, np.maximum(grid.edge(trunk), grid.edge(neck)), paint)


def _head(rng, look, head_px):
    grid = shapes.Grid((-0.62, -0.75, 0.62, 0.95), head_px)
    # Draw the shapes: face, hair, ears, glasses, mouth.
    width = uniform(rng, 0.33, 0.4)
    chin = uniform(rng, 0.46, 0.52)
    face = np.minimum(shapes.ellipse(grid, (0, 0), (width, chin)), 1.0)
    hair_reach = (0.0, 0.04, 0.1, 0.16)[int(rng.integers(0, 4))]
    fringe = uniform(rng, 0.12, 0.28)
    scalp = shapes.ellipse(grid, (0, -0.1), (width + hair_reach, 0.43 + hair_reach))
    long_hair = uniform(rng, 0.2, 0.85) if hair_reach > 0.05 and rng.random() < 0.5 else -0.05
    locks = np.minimum(width + hair_reach - np.abs(grid.x), np.minimum(long_hair - grid.y, grid.y + 0.1))
    hair = np.maximum(scalp, locks) if hair_reach else scalp - 1
    ears = shapes.ellipse(grid, (0, 0.03), (width + 0.06, 0.1))
    glasses = rng.random() < 0.25
    open_mouth = uniform(rng, 0.02, 0.07)

    def paint(rng: np.random.Generator) -> np.ndarray:
        skin = textures.paint_skin(rng, grid, look.skin)
        skin = skin * (1 - 0.5 * np.clip(grid.x * grid.x + 0.5 * grid.y * grid.y, 0, 0.4))[..., None]
        strands = look.hair * (1 + 0.35 * textures.fractal_noise(rng, grid.size_hw, 0.12 * grid.head_px, 3))[..., None]
        rgb = _face(grid, skin, look, width, open_mouth, glasses)
        bald = face - 0.08 if not hair_reach else np.minimum(face, grid.y + fringe)
        return _blend(strands, rgb, np.maximum(grid.edge(bald), grid.edge(np.minimum(ears, -hair + 0.02))))

    return Part("head", grid, grid.edge(np.maximum(np.maximum(face, hair), ears)), paint)


def _face(grid, rgb, look, width, open_mouth, glasses):
    """Paints eyes, brows, nose and mouth; both sides are alike."""
    dark = look.skin * np.float32(0.35)
    for sign in (-1, 1):
        eye_x = sign * width * 0.48
        white = shapes.ellipse(grid, (eye_x, -0.04), (0.075, 0.04))
        rgb = _blend(rgb, np.full(3, 225, np.float32), grid.edge(white))
        rgb = _blend(rgb, np.full(3, 30, np.float32), grid.edge(shapes.ellipse(grid, (eye_x, -0.04), (0.035, 0.035))))
        brow = shapes.capsule(grid, (eye_x - 0.08, -0.13), (eye_x + 0.08, -0.13), 0.02, 0.02)[0]
        rgb = _blend(rgb, look.hair * np.float32(0.8), grid.edge(brow))
        if glasses:
            ring = 0.02 - np.abs(shapes.ellipse(grid, (eye_x, -0.03), (0.13, 0.1)))
            rgb = _blend(rgb, np.full(3, 25, np.float32), grid.edge(ring))
    rgb = _blend(rgb, look.skin * np.float32(0.7), grid.edge(shapes.ellipse(grid, (0, 0.12), (0.06, 0.035))))
    rgb = _blend(
        rgb, dark + np.array((60, 0, 0), np.float32), grid.edge(shapes.ellipse(grid, (0, 0.27), (0.13, 0.045)))
    )
    return _blend(rgb, dark * np.float32(0.5), grid.edge(shapes.ellipse(grid, (0, 0.27), (0.09, open_mouth))))


def _limb(name, look, head_px, length, radii, number):
    """Makes an upper arm (number 0) or forearm (1) along +x, from its joint at (0, 0) to the next at (length, 0)."""
    widest = max(radii)
    cloth_until = {"none": 0.0, "short": 0.7, "half": 1.45, "long": 2.0}[look.sleeves] - number
    if cloth_until > 0:
        radii = tuple(r * 1.12 for r in radii)
    grid = shapes.Grid((-widest * 1.2, -widest * 1.2, length + widest * 1.2, widest * 1.2), head_px)
    field, along = shapes.capsule(grid, (0, 0), (length, 0), *radii)

    def paint(rng: np.random.Generator) -> np.ndarray:
        rgb = textures.paint_skin(rng, grid, look.skin)
        if cloth_until > 0:
            cloth = textures.paint_cloth(rng, grid, look.pattern, *look.cloth)
            until = cloth_until * length if cloth_until < 1 else length * 0.97
            rgb = _blend(rgb, cloth, grid.edge(until - grid.x))
        radius = radii[0] + along * (radii[1] - radii[0])
        across = np.clip(1 - field / radius, 0, 1)
        light = 1.05 - 0.45 * across * across * across - 0.15 * np.clip(grid.y / np.float32(widest), -1, 1)
        return rgb * light[..., None]

    return Part(name, grid, grid.edge(field), paint)


def _hand(rng, look, head_px, side):
    fingers = (
        (1.0, 1.0, 1.0, 0.9),  # flat
        (0.3, 0.3, 0.3, 0.3),  # fist
        (1.0, 0.3, 0.3, 0.3),  # pointing
        (1.0, 1.0, 0.3, 0.3),  # two fingers
        (0.7, 0.75, 0.7, 0.6),  # bent
    )[int(rng.integers(0, 5))]
    spread = uniform(rng, 0.0, 0.2)
    thumb = uniform(rng, 0.0, 0.16)
    grid = shapes.Grid((-0.2, -0.45, 0.85, 0.45), head_px)
    field = shapes.hand(grid, fingers, spread, uniform(rng, 0.68, 0.78), thumb)

    def paint(rng: np.random.Generator) -> np.ndarray:
        rgb = textures.paint_skin(rng, grid, look.skin)
        rim = np.clip(field / 0.09, 0, 1)
        lines = 0.12 * textures.value_noise(rng, grid.size_hw, 0.09 * grid.head_px)
        return rgb * (0.62 + 0.42 * rim + lines)[..., None]

    return Part(f"{side}_hand", grid, grid.edge(field), paint)


def _blend(below, above, share):
    return below + (above - below) * share[..., None]
