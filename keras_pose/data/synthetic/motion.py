"""How a signer moves: hands that hold and move, arms that follow by inverse kinematics, a body that sways.

Lengths are in heads (the height of the signer's head), x to the right of the image, y down, z towards the camera, with
the middle between the shoulders near (0, 0, 0); time is in frames (25 per second). The projection is orthographic, so
limbs that point at the camera are foreshortened.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from keras_pose.data.synthetic.draws import uniform, wander
from keras_pose.data.synthetic.hand_paths import SIDES, SIGNS, draw_hand_paths

TORSO_HEADS = 2.1  # from the shoulders to the hips; people's mean is 2.2 (Winter: Biomechanics, 2009, after Drillis)
_QUANTUM = 1 / 4096  # sines differ in their last bit between machines; rounding removes the difference


@dataclasses.dataclass(frozen=True)
class Body:
    """The proportions of a signer in heads: half the distance of the shoulders, neck, upper arm, forearm."""

    half_width: float
    neck: float
    upper_arm: float
    forearm: float


@dataclasses.dataclass(frozen=True)
class Poses:
    """A signer at N moments, in heads; sides in the order right, left.

    Args:
      shoulders, elbows, wrists: float64 [N, 2, 3].
      center, head: float64 [N, 2], the middle between the shoulders, and of the head.
      turn, nod: float64 [N, 2], (cos, sin) of the lean of the torso, and of the head.
      yaw: float64 [N], foreshortening of the shoulders.
      hand_bend: float64 [N, 2], how far each hand bends away from its forearm (sideways shift per length).
      hand_stretch: float64 [N, 2], length of each hand in the image, relative to its real length.
    """

    shoulders: np.ndarray
    elbows: np.ndarray
    wrists: np.ndarray
    center: np.ndarray
    head: np.ndarray
    turn: np.ndarray
    nod: np.ndarray
    yaw: np.ndarray
    hand_bend: np.ndarray
    hand_stretch: np.ndarray


def draw_body(rng: np.random.Generator) -> Body:
    """Draws a person's proportions (a head is about 23 cm)."""
    size = uniform(rng, 0.94, 1.06)
    return Body(
        size * uniform(rng, 0.74, 0.88),
        size * uniform(rng, 0.94, 1.05),
        size * uniform(rng, 1.2, 1.35),
        size * uniform(rng, 1.02, 1.15),
    )


def perform(
    rng: np.random.Generator,
    body: Body,
    times: np.ndarray,
    draw_hands: Callable[[np.random.Generator, np.ndarray], np.ndarray] = draw_hand_paths,
    sway_heads: tuple[float, float] = (0.14, 0.06),
    sway_frames: float = 14,
) -> Poses:
    """Draws what a signer does, and returns the poses at the given moments.

    Args:
      rng: draws the performance.
      body: proportions of the signer.
      times: float64 [N], frames; the performance covers the range that they span.
      draw_hands: draws where the hands want to be, float64 [N, 2, 3], from a generator and the times.
      sway_heads: how far the torso sways to each side, and up and down.
      sway_frames: frames from one turn of the sway to the next.
    """
    # Torso and head sway.
    center = np.stack([wander(rng, times, sway_frames, amplitude) for amplitude in sway_heads], -1)
    turn = _unit(wander(rng, times, 12, 0.07))
    yaw = 1 - 0.5 * np.abs(wander(rng, times, 16, 0.25))
    nod = _unit(wander(rng, times, 8, 0.2) + wander(rng, times, 30, 0.12))
    head = center + _rotate(turn, np.stack([wander(rng, times, 9, 0.1), -body.neck + wander(rng, times, 7, 0.06)], -1))
    # Shoulders follow the torso, hands their own paths, elbows both.
    half = np.array(SIGNS)[None] * (body.half_width * yaw)[:, None]  # [N, 2]
    shoulders = np.stack([center[:, :1] + turn[:, :1] * half, center[:, 1:] + turn[:, 1:] * half, half * 0], -1)
    targets = draw_hands(rng, times)
    targets[..., :2] += 0.7 * center[:, None]
    wrists, elbows = _reach(body, shoulders, targets, uniform(rng, 0.1, 1.0))
    bend = np.stack([wander(rng, times, 7, 0.7) for _ in SIDES], -1)
    stretch = np.stack([0.85 + wander(rng, times, 8, 0.2) for _ in SIDES], -1)
    values = (shoulders, elbows, wrists, center, head, turn, nod, yaw, bend, stretch)
    return Poses(*(np.round(v / _QUANTUM) * _QUANTUM for v in values))


def _reach(body, shoulders, targets, elbow_out):
    """Two-link inverse kinematics: returns wrists (pulled into reach) and elbows, both float64 [N, 2, 3]."""
    # Pull targets into reach.
    span = targets - shoulders
    distance = np.sqrt(span[..., 0] ** 2 + span[..., 1] ** 2 + span[..., 2] ** 2)
    longest = 0.985 * (body.upper_arm + body.forearm)
    shortest = 0.45
    reached = np.clip(distance, shortest, longest)
    direction = span / np.maximum(distance, 1e-3)[..., None]
    # The elbow lies on a circle around the line from shoulder to wrist.
    along = (body.upper_arm**2 - body.forearm**2 + reached * reached) / (2 * reached)
    height = np.sqrt(np.clip(body.upper_arm**2 - along * along, 0, None))
    # Its direction from that line: down and outwards, made perpendicular to the line.
    down = np.zeros_like(span) + np.array((0.0, 1.0, -0.25))
    down[..., 0] = np.array(SIGNS) * elbow_out
    overlap = down[..., 0] * direction[..., 0] + down[..., 1] * direction[..., 1] + down[..., 2] * direction[..., 2]
    down = down - overlap[..., None] * direction
    norm = np.sqrt(down[..., 0] ** 2 + down[..., 1] ** 2 + down[..., 2] ** 2)
    elbows = shoulders + direction * along[..., None] + down * (height / np.maximum(norm, 1e-3))[..., None]
    return shoulders + direction * reached[..., None], elbows


def _unit(angles):
    return np.stack([np.cos(angles), np.sin(angles)], -1)


def _rotate(turn, points):
    x = points[:, 0]
    y = points[:, 1]
    return np.stack([turn[:, 0] * x - turn[:, 1] * y, turn[:, 1] * x + turn[:, 0] * y], -1)
