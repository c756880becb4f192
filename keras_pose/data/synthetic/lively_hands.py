"""Paths of the hands, second version: pauses, abrupt starts and stops, turns, contacts, and a tremble.

Lengths are in heads, x to the right of the image, y down, z towards the camera; time is in frames. A hand makes
phrases: it moves to a place, or goes back and forth between two of them, then it pauses. Some strokes end in a
*contact* with the face, the body or the other arm: they are fastest when they stop. The others have the minimum-jerk
profile (Flash and Hogan, 1985). The numbers of `Temper` were fitted to the wrists of filmed people (docs/results.md).
"""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_pose.data.synthetic import motion
from keras_pose.data.synthetic.draws import uniform, wander
from keras_pose.data.synthetic.hand_paths import SIGNS

_LEAD_IN = 40.0  # frames before the clip, so that its first frame is like any other
_MIN_STROKE = 1.8  # frames; nobody is faster
_FASTEST_ROUND = 16.0  # frames of a round movement
_SLOWEST_ROUND = 26.0
_SWAY_FRAMES = 36.0  # from one turn of the sway to the next
_TREMBLE_SPACING = 0.7  # frames from one knot of the tremble to the next


@dataclasses.dataclass(frozen=True)
class Temper:
    """How lively the hands are; fitted to the wrists of filmed people.

    Args:
      quickest, slowest: frames for a stroke of one head at a pace of 1; a stroke of four heads takes twice as long.
      calmest, liveliest: pace of a person, a factor on all speeds; lively ones are rare (the cube of a uniform draw).
      pause: longest pause between phrases at a pace of 1, frames; half of them are shorter than an eighth of it, so the
        hand just turns.
      repeats: share of the phrases that go back and forth.
      contacts: share of the phrases that end in a contact.
      circles: share of the clips in which the hands also go round in large circles.
      tremble: largest size of the tremble, heads; each hand has its own, the median is an eighth of it.
      sway: how far the body sways to each side at most, heads.
    """

    quickest: float = 1.2
    slowest: float = 16.0
    calmest: float = 0.1
    liveliest: float = 2.35
    pause: float = 19.0
    repeats: float = 0.04
    contacts: float = 0.4
    circles: float = 0.16
    tremble: float = 0.145
    sway: float = 0.4


FITTED = Temper()


def perform(rng: np.random.Generator, body: motion.Body, times: np.ndarray, temper: Temper = FITTED) -> motion.Poses:
    """Draws what a signer does, see `motion.perform`; each sways as much as it likes, and slowly."""
    sway = temper.sway * _rarely_large(rng)

    def draw_hands(rng: np.random.Generator, times: np.ndarray) -> np.ndarray:
        return draw_hand_paths(rng, times, temper)

    return motion.perform(rng, body, times, draw_hands, (sway, 0.4 * sway), _SWAY_FRAMES)


def draw_hand_paths(rng: np.random.Generator, times: np.ndarray, temper: Temper = FITTED) -> np.ndarray:
    """Draws where the hands want to be. One hand leads; the other mirrors it, touches it, rests, or does as it likes.

    Args:
      rng: draws the paths.
      times: float64 [N], frames.
      temper: how lively the hands are.

    Returns:
      float64 [N, 2, 3], sides in the order of `SIDES`.
    """
    start = float(times.min()) - _LEAD_IN
    end = float(times.max()) + 2
    leader = int(rng.integers(0, 2))
    pace = temper.calmest + (temper.liveliest - temper.calmest) * _rarely_large(rng)
    first, strokes = _draw_strokes(rng, leader, start, end, temper, pace)
    style = rng.random()
    if style < 0.35:  # a mirrored sign, the other hand a little late
        mirror = np.array((-1.0, 1.0, 1.0))
        delay = uniform(rng, 0, 1.2)
        apart = _offset(rng, 0.08)
        other = [(a + delay, b + delay, p * mirror + apart, bow * mirror, hit) for a, b, p, bow, hit in strokes]
        other_first = first * mirror + apart
    elif style < 0.5:  # hand on hand
        touch = np.array((-SIGNS[leader] * uniform(rng, -0.1, 0.3), uniform(rng, 0.0, 0.35), uniform(rng, -0.3, -0.1)))
        other = [(a, b, p + touch, bow, hit) for a, b, p, bow, hit in strokes]
        other_first = first + touch
    else:
        other_first, other = _draw_strokes(rng, 1 - leader, start, end, temper, pace * (0.4 if style < 0.72 else 1.0))
    paths = [_follow(first, strokes, times), _follow(other_first, other, times)]
    if rng.random() < temper.circles:
        circle = _circle(rng, times)
        paths = [paths[0] + circle, paths[1] + circle * (-1.0, 1.0, 1.0)]
    paths = paths if leader == 0 else paths[::-1]
    return np.stack([path + _tremble(rng, times, temper.tremble) for path in paths], 1)


def _draw_strokes(rng, side, start, end, temper, pace):
    """Returns the first place [3] and strokes until the end: (begin, end, target [3], bow [3], ends in a contact)."""
    time = start
    first = place = _place(rng, side)
    strokes = []
    while time < end:
        contact = bool(rng.random() < temper.contacts)
        target = _contact_place(rng, side) if contact else _place(rng, side)
        per_root = uniform(rng, temper.quickest, temper.slowest)
        stops = [target]
        if rng.random() < temper.repeats:
            back = target + _offset(rng, 0.45)
            stops += [back, target] * int(rng.integers(1, 4))
        for number, stop in enumerate(stops):
            move = stop - place
            distance = float(np.sqrt(move[0] * move[0] + move[1] * move[1] + move[2] * move[2]))
            frames = max(float(np.sqrt(distance)) * per_root / pace, _MIN_STROKE)
            bow = np.array((-move[1], move[0], 0.3 * distance)) * uniform(rng, -0.4, 0.4)
            strokes.append((time, time + frames, stop, bow, contact and number % 2 == 0))
            time += frames
            place = stop
        time += temper.pause / pace * _rarely_large(rng)
    return first, strokes


def _place(rng, side):
    """Draws a place for a hand, float64 [3]: signing space, the other side, low rest or high at the side."""
    kind = rng.random()
    out = SIGNS[side]
    if kind < 0.5:
        return np.array((out * uniform(rng, 0.15, 1.15), uniform(rng, 0.2, 1.7), uniform(rng, 0.6, 1.3)))
    if kind < 0.65:
        return np.array((-out * uniform(rng, 0.05, 0.75), uniform(rng, 0.2, 1.4), uniform(rng, 0.7, 1.1)))
    if kind < 0.85:
        return np.array((out * uniform(rng, 0.2, 0.7), uniform(rng, 1.7, 2.1), uniform(rng, 0.4, 0.8)))
    return np.array((out * uniform(rng, 1.0, 1.6), uniform(rng, -0.8, 0.4), uniform(rng, 0.3, 0.8)))


def _contact_place(rng, side):
    """Draws a place of contact for a hand, float64 [3]: the face, the chest, or the other upper arm."""
    kind = rng.random()
    out = SIGNS[side]
    if kind < 0.6:
        return np.array((out * uniform(rng, -0.2, 0.6), uniform(rng, -0.9, -0.15), uniform(rng, 0.6, 0.9)))
    if kind < 0.85:
        return np.array((out * uniform(rng, -0.4, 0.5), uniform(rng, 0.2, 0.9), uniform(rng, 0.5, 0.7)))
    return np.array((-out * uniform(rng, 0.4, 0.7), uniform(rng, 0.3, 0.8), uniform(rng, 0.5, 0.7)))


def _follow(first, strokes, times):
    """Returns float64 [N, 3]: the path through the strokes, each bent by its bow."""
    path = np.zeros((len(times), 3)) + first
    place = first
    for begin, end, target, bow, contact in strokes:
        if end <= times[0]:
            path += target - place
            place = target
            continue
        share = np.clip((times - begin) / (end - begin), 0, 1)
        if contact:
            eased = share * share * (3 - share) * 0.5  # fastest at the end, where it stops at once
        else:
            eased = share * share * share * (10 + share * (6 * share - 15))
        path += eased[:, None] * (target - place) + (16 * (share * (1 - share)) ** 2)[:, None] * bow * 0.5
        place = target
    return path


def _circle(rng, times):
    """Draws float64 [N, 3]: a large round movement, whose size changes slowly."""
    period = (1.0 if rng.random() < 0.5 else -1.0) * uniform(rng, _FASTEST_ROUND, _SLOWEST_ROUND)
    phase = 2 * np.pi * (times / period + float(rng.random()))
    size = uniform(rng, 0.8, 1.3) + wander(rng, times, 30, 0.2)
    flat = uniform(rng, 0.4, 1.0)
    return np.stack([size * np.sin(phase), size * flat * np.cos(phase), 0 * phase], -1)


def _tremble(rng, times, largest):
    """Draws float64 [N, 3]: small movements from frame to frame; the wrist turns and its skin moves over the joint."""
    size = largest * _rarely_large(rng)
    start = float(times.min())
    position = (times - start) / _TREMBLE_SPACING + float(rng.random())
    knots = (rng.random((int(position.max()) + 2, 3)) * 2 - 1) * size
    cell = position.astype(np.int64)
    share = (position - cell)[:, None]
    return knots[cell] + (knots[cell + 1] - knots[cell]) * share * share * (3 - 2 * share)


def _rarely_large(rng):
    """Draws a float from 0 to 1, the cube of a uniform draw."""
    draw = float(rng.random())
    return draw * draw * draw


def _offset(rng, size):
    return (rng.random(3) * 2 - 1) * size
