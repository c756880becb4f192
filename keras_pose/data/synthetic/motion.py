"""How a signer moves: hands that hold and stroke, arms that follow by inverse kinematics, a body that sways.

Lengths are in heads (the height of the signer's head), x to the image's right, y down, z towards the camera, the
middle between the shoulders near (0, 0, 0); time is in frames (25 a second). Strokes have the minimum-jerk profile
(Flash and Hogan, 1985). The projection is orthographic, so limbs that point at the camera are foreshortened.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_pose.data.synthetic.textures import uniform

SIDES = ("right", "left")  # the signer's; the right hand is on the image's left: x is negative there
SIGNS = (-1.0, 1.0)
_QUANTUM = 1 / 4096  # sines differ in their last bit between machines; rounding hides that


@dataclasses.dataclass(frozen=True)
class Body:
    """The proportions of a signer in heads: half the shoulders' distance, neck, upper arm, forearm."""

    half_width: float
    neck: float
    upper_arm: float
    forearm: float


@dataclasses.dataclass(frozen=True)
class Poses:
    """A signer over time; N moments, sides in the order right, left, all in heads.

    `shoulders`, `elbows`, `wrists`: float64 [N, 2, 3]. `center`, `head`: float64 [N, 2], the middle of the shoulders
    and of the head. `turn`, `nod`: float64 [N, 2], (cos, sin) of the torso's and the head's lean. `yaw`: float64 [N],
    the shoulders' foreshortening. `hand_bend`, `hand_stretch`: float64 [N, 2], how a hand leans off its forearm
    (sideways shift per length) and how long it looks.
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


def draw_body(rng) -> Body:
    """Draws a person's proportions (a head is about 23 cm)."""
    size = uniform(rng, 0.94, 1.06)
    return Body(
        size * uniform(rng, 0.74, 0.88),
        size * uniform(rng, 0.94, 1.05),
        size * uniform(rng, 1.2, 1.35),
        size * uniform(rng, 1.02, 1.15),
    )


def perform(rng, body, times) -> Poses:
    """Draws what a signer does and returns the poses at the given moments.

    Args:
      rng: `np.random.Generator`.
      body: `Body`.
      times: float64 [N], frames; the performance covers the range they span.
    """
    start, end = float(times.min()), float(times.max())
    center = np.stack([wander(rng, times, 14, amplitude) for amplitude in (0.14, 0.06)], -1)
    turn = _unit(wander(rng, times, 12, 0.07))
    yaw = 1 - 0.5 * np.abs(wander(rng, times, 16, 0.25))
    nod = _unit(wander(rng, times, 8, 0.2) + wander(rng, times, 30, 0.12))
    head = center + _rotate(turn, np.stack([wander(rng, times, 9, 0.1), -body.neck + wander(rng, times, 7, 0.06)], -1))
    half = np.array(SIGNS)[None] * (body.half_width * yaw)[:, None]  # [N, 2]
    shoulders = np.stack([center[:, :1] + turn[:, :1] * half, center[:, 1:] + turn[:, 1:] * half, half * 0], -1)
    targets = _hand_paths(rng, body, times, start, end)
    targets[..., :2] += 0.7 * center[:, None]
    wrists, elbows = _reach(body, shoulders, targets, uniform(rng, 0.1, 1.0))
    bend = np.stack([wander(rng, times, 7, 0.7) for _ in SIDES], -1)
    stretch = np.stack([0.85 + wander(rng, times, 8, 0.2) for _ in SIDES], -1)
    values = (shoulders, elbows, wrists, center, head, turn, nod, yaw, bend, stretch)
    return Poses(*(np.round(v / _QUANTUM) * _QUANTUM for v in values))


def _hand_paths(rng, body, times, start, end):
    """float64 [N, 2, 3]: where the hands want to be: one leads; the other mirrors it, rests or has its own way."""
    leader = int(rng.integers(0, 2))
    style = rng.random()
    lead_keys = _strokes(rng, leader, start, end, 1.0)
    if style < 0.4:  # a mirrored sign, the other hand a little late
        delay, mirror = uniform(rng, 0, 1.2), np.array((-1.0, 1.0, 1.0))
        other_keys = [
            (a + delay, b + delay, p * mirror + _jitter(rng, 0.08), bow * mirror) for a, b, p, bow in lead_keys
        ]
    else:
        other_keys = _strokes(rng, 1 - leader, start, end, 0.55 if style < 0.6 else 1.0)
    paths = [None, None]
    paths[leader], paths[1 - leader] = _follow(lead_keys, times), _follow(other_keys, times)
    for path in paths:
        if rng.random() < 0.6:
            path += _shake(rng, times)
        path += np.stack([wander(rng, times, 5, 0.05) for _ in range(3)], -1)
    return np.stack(paths, 1)


def _strokes(rng, side, start, end, pace):
    """A list of (move begins, move ends, place [3], bow [3]): hold, move, hold, move, until the end."""
    time, place = start - uniform(rng, 4, 14), _place(rng, side)
    keys = [(time - 1, time, place, np.zeros(3))]
    while time < end + 2:
        target = _place(rng, side)
        step = target - place
        distance = float(np.sqrt(step[0] * step[0] + step[1] * step[1] + step[2] * step[2]))
        frames = max(distance / (pace * uniform(rng, 0.06, 0.21)), 3.0)
        bow = np.array((-step[1], step[0], 0.3 * distance)) * uniform(rng, -0.5, 0.5)
        keys.append((time, time + frames, target, bow))
        time += frames + (uniform(rng, 1, 9) / pace if rng.random() < 0.7 else 0.0)
        place = target
    return keys


def _place(rng, side):
    """A place for a hand, float64 [3]: signing space, face, the other side, low rest or high at the side."""
    kind, out = rng.random(), SIGNS[side]
    if kind < 0.42:
        return np.array((out * uniform(rng, 0.15, 1.15), uniform(rng, 0.35, 1.7), uniform(rng, 0.6, 1.3)))
    if kind < 0.62:
        return np.array((out * uniform(rng, -0.25, 0.7), uniform(rng, -1.0, -0.2), uniform(rng, 0.6, 1.0)))
    if kind < 0.79:
        return np.array((-out * uniform(rng, 0.05, 0.75), uniform(rng, 0.2, 1.4), uniform(rng, 0.7, 1.1)))
    if kind < 0.91:
        return np.array((out * uniform(rng, 0.2, 0.7), uniform(rng, 1.7, 2.1), uniform(rng, 0.4, 0.8)))
    return np.array((out * uniform(rng, 1.0, 1.6), uniform(rng, -0.8, 0.4), uniform(rng, 0.3, 0.8)))


def _follow(keys, times):
    """float64 [N, 3]: the path through the keys by minimum-jerk moves, bent by each move's bow."""
    path = np.zeros((len(times), 3)) + keys[0][2]
    place = keys[0][2]
    for begin, end, target, bow in keys[1:]:
        share = np.clip((times - begin) / (end - begin), 0, 1)
        eased = share * share * share * (10 + share * (6 * share - 15))
        path += eased[:, None] * (target - place) + (16 * (share * (1 - share)) ** 2)[:, None] * bow * 0.5
        place = target
    return path


def _shake(rng, times):
    """float64 [N, 3]: a small repeated movement for part of the clip."""
    period, middle, width = uniform(rng, 5, 11), uniform(rng, times.min(), times.max()), uniform(rng, 4, 9)
    envelope = np.clip(1 - ((times - middle) / width) ** 2, 0, None) ** 2
    phase = 2 * np.pi * times / period
    size_x, size_y = uniform(rng, 0.0, 0.2), uniform(rng, 0.0, 0.2)
    return np.stack([size_x * np.sin(phase), size_y * np.cos(phase), 0 * phase], -1) * envelope[:, None]


def _reach(body, shoulders, targets, elbow_out):
    """Two-link inverse kinematics: wrists (pulled into reach) and elbows, both float64 [N, 2, 3]."""
    span = targets - shoulders
    distance = np.sqrt(span[..., 0] ** 2 + span[..., 1] ** 2 + span[..., 2] ** 2)
    longest, shortest = 0.985 * (body.upper_arm + body.forearm), 0.45
    reached = np.clip(distance, shortest, longest)
    direction = span / np.maximum(distance, 1e-3)[..., None]
    along = (body.upper_arm**2 - body.forearm**2 + reached * reached) / (2 * reached)
    height = np.sqrt(np.clip(body.upper_arm**2 - along * along, 0, None))
    down = np.zeros_like(span) + np.array((0.0, 1.0, -0.25))
    down[..., 0] = np.array(SIGNS) * elbow_out
    overlap = down[..., 0] * direction[..., 0] + down[..., 1] * direction[..., 1] + down[..., 2] * direction[..., 2]
    down = down - overlap[..., None] * direction
    norm = np.sqrt(down[..., 0] ** 2 + down[..., 1] ** 2 + down[..., 2] ** 2)
    elbows = shoulders + direction * along[..., None] + down * (height / np.maximum(norm, 1e-3))[..., None]
    return shoulders + direction * reached[..., None], elbows


def wander(rng, times, spacing, amplitude):
    """float64 [N]: a smooth random curve with a knot about every `spacing` frames, within ±amplitude."""
    start = float(times.min()) - uniform(rng, 0, spacing)
    position = (times - start) / spacing
    knots = (rng.random(int(position.max()) + 2) * 2 - 1) * amplitude
    cell = position.astype(np.int64)
    share = position - cell
    share = share * share * (3 - 2 * share)
    return knots[cell] + (knots[cell + 1] - knots[cell]) * share


def _jitter(rng, amplitude):
    return (rng.random(3) * 2 - 1) * amplitude


def _unit(angles):
    return np.stack([np.cos(angles), np.sin(angles)], -1)


def _rotate(turn, points):
    x, y = points[:, 0], points[:, 1]
    return np.stack([turn[:, 0] * x - turn[:, 1] * y, turn[:, 1] * x + turn[:, 0] * y], -1)
