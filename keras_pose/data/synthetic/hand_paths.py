"""Paths of the hands: they hold still, move to another place, and hold again.

Lengths are in heads (the height of the signer's head), x to the right of the image, y down, z towards the camera; time
is in frames. A movement has the minimum-jerk profile (Flash and Hogan, 1985) and bends by its *bow*.
"""

from __future__ import annotations

import numpy as np

from keras_pose.data.synthetic.draws import uniform, wander

SIDES = ("right", "left")  # of the signer; the right hand is on the left of the image, where x is negative
SIGNS = (-1.0, 1.0)


def draw_hand_paths(rng: np.random.Generator, times: np.ndarray) -> np.ndarray:
    """Draws where the hands want to be. One hand leads; the other mirrors it, rests, or moves independently.

    Args:
      rng: draws the paths.
      times: float64 [N], frames.

    Returns:
      float64 [N, 2, 3], sides in the order of `SIDES`.
    """
    start = float(times.min())
    end = float(times.max())
    # Draw the strokes of both hands.
    leader = int(rng.integers(0, 2))
    style = rng.random()
    lead_keys = _strokes(rng, leader, start, end, 1.0)
    if style < 0.4:  # a mirrored sign, the other hand a little late
        delay = uniform(rng, 0, 1.2)
        mirror = np.array((-1.0, 1.0, 1.0))
        other_keys = [
            (a + delay, b + delay, p * mirror + _jitter(rng, 0.08), bow * mirror) for a, b, p, bow in lead_keys
        ]
    else:
        other_keys = _strokes(rng, 1 - leader, start, end, 0.55 if style < 0.6 else 1.0)
    # Follow the strokes, and add small movements.
    lead = _follow(lead_keys, times)
    other = _follow(other_keys, times)
    paths = [lead, other] if leader == 0 else [other, lead]
    for path in paths:
        if rng.random() < 0.6:
            path += _shake(rng, times)
        path += np.stack([wander(rng, times, 5, 0.05) for _ in range(3)], -1)
    return np.stack(paths, 1)


def _strokes(rng, side, start, end, pace):
    """Returns a list of (start of the move, its end, place [3], bow [3]): hold, move, hold, move, until the end."""
    time = start - uniform(rng, 4, 14)
    place = _place(rng, side)
    keys = [(time - 1, time, place, np.zeros(3))]
    while time < end + 2:
        target = _place(rng, side)
        move = target - place
        distance = float(np.sqrt(move[0] * move[0] + move[1] * move[1] + move[2] * move[2]))
        frames = max(distance / (pace * uniform(rng, 0.06, 0.21)), 3.0)
        bow = np.array((-move[1], move[0], 0.3 * distance)) * uniform(rng, -0.5, 0.5)
        keys.append((time, time + frames, target, bow))
        time += frames + (uniform(rng, 1, 9) / pace if rng.random() < 0.7 else 0.0)
        place = target
    return keys


def _place(rng, side):
    """Draws a place for a hand, float64 [3]: signing space, face, the other side, low rest or high at the side."""
    kind = rng.random()
    out = SIGNS[side]
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
    """Returns float64 [N, 3]: the path through the strokes by minimum-jerk moves, each bent by its bow."""
    path = np.zeros((len(times), 3)) + keys[0][2]
    place = keys[0][2]
    for begin, end, target, bow in keys[1:]:
        share = np.clip((times - begin) / (end - begin), 0, 1)
        eased = share * share * share * (10 + share * (6 * share - 15))
        path += eased[:, None] * (target - place) + (16 * (share * (1 - share)) ** 2)[:, None] * bow * 0.5
        place = target
    return path


def _shake(rng, times):
    """Draws float64 [N, 3]: a small repeated movement for part of the clip."""
    period = uniform(rng, 5, 11)
    middle = uniform(rng, times.min(), times.max())
    width = uniform(rng, 4, 9)
    envelope = np.clip(1 - ((times - middle) / width) ** 2, 0, None) ** 2
    phase = 2 * np.pi * times / period
    size_x = uniform(rng, 0.0, 0.2)
    size_y = uniform(rng, 0.0, 0.2)
    return np.stack([size_x * np.sin(phase), size_y * np.cos(phase), 0 * phase], -1) * envelope[:, None]


def _jitter(rng, amplitude):
    return (rng.random(3) * 2 - 1) * amplitude
