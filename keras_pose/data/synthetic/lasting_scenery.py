"""What is around a signer, second version: things that confuse for many frames, not for one.

The camera stands still in most clips. Behind the signer hang *lookalikes*, hands and arms in the colour of the signer's
skin. Things in front of a hand stay there, as a desk or a cup does, instead of flying past.
"""

from __future__ import annotations

import numpy as np

from keras_pose.data.synthetic import appearance, scenery
from keras_pose.data.synthetic.draws import uniform
from keras_pose.data.synthetic.layers import Layer, place_turned

SKIN_CLOTH = 0.4  # share of the signers whose clothes have almost the colour of the skin
_PANS = 0.2  # share of the clips in which the camera moves
_PASSERS = 2  # fewer things than this cross the room
_LOOKALIKES = 5  # fewer than this hang in the room
_OCCLUDERS = 0.45  # share of the clips with a thing that stays in front of a hand
_WHOLE = 0.6  # share of these things that stay for the whole clip
_SHORTEST_STAY = 6.0  # frames
_LONGEST_STAY = 60.0  # frames


def background_layers(
    rng: np.random.Generator,
    camera: tuple[float, float, float],
    size_hw: tuple[int, int],
    times: np.ndarray,
    colors: np.ndarray,
    look: appearance.Look,
) -> list[Layer]:
    """Makes the room, the lookalikes that hang in it, and things that pass behind the signer.

    Args:
      rng: draws the room and the things.
      camera: (head_px, x, y).
      size_hw: (height, width) of the frame in px.
      times: float64 [3 T], frames.
      colors: float32 [N, 3], colours of the signer.
      look: look of the signer, which the lookalikes share.
    """
    room, sight = scenery.draw_room(rng, camera[0], size_hw, times, colors, _PANS)
    hanging = [
        _hang(rng, appearance.make_lookalike(rng, f"background_{number}", look, camera[0]), camera, sight)
        for number in range(int(rng.integers(0, _LOOKALIKES)))
    ]
    return [room, *hanging, *scenery.passing_layers(rng, camera[0], size_hw, times, colors, _PASSERS)]


def occluder_layers(
    rng: np.random.Generator,
    camera: tuple[float, float, float],
    wrists_px: np.ndarray,
    times: np.ndarray,
    colors: np.ndarray,
) -> list[Layer]:
    """Makes a thing that stays in front of a hand, for the clip or for many frames; arguments as in `scenery`."""
    if rng.random() >= _OCCLUDERS:
        return []
    head_px = camera[0]
    thing = scenery.make_thing(rng, "occluder_0", head_px, colors, (0.22, 0.5))
    when = int(rng.integers(0, len(times) // 3)) * 3 + 1
    spot = wrists_px[when, int(rng.integers(0, 2))]
    spot = spot + np.array([uniform(rng, -0.3, 0.3), uniform(rng, -0.3, 0.3)]) * head_px
    # Unless it stays for the whole clip, it comes and goes by a straight way.
    direction = np.array([1.0 if rng.random() < 0.5 else -1.0, uniform(rng, -0.5, 0.5)])
    speed = 0.0 if rng.random() < _WHOLE else uniform(rng, 0.1, 0.4) * head_px
    half_stay = 0.5 * uniform(rng, _SHORTEST_STAY, _LONGEST_STAY)
    away = np.clip(times - times[when] - half_stay, 0, None) + np.clip(times - times[when] + half_stay, None, 0)
    path = spot + away[:, None] * direction * speed
    lean = uniform(rng, -1, 1) + 0 * times
    return [place_turned(thing, path, lean, 1 + 0 * times)]


def _hang(rng, part, camera, sight):
    """Hangs a part in the room, within reach of the signer's hands; it moves as the room does."""
    head_px, shoulders_x, shoulders_y = camera
    out = 1.0 if rng.random() < 0.5 else -1.0
    x = shoulders_x + out * uniform(rng, 0.7, 2.0) * head_px - sight.middle[0]
    y = shoulders_y + uniform(rng, -1.2, 2.0) * head_px - sight.middle[1]
    turn = uniform(rng, -2.0, 2.0)
    scale = sight.zoom / np.sqrt(1 + sight.lean * sight.lean)
    moved = np.stack([scale * (x - sight.lean * y), scale * (sight.lean * x + y)], -1)
    lean = (turn + sight.lean) / (1 - turn * sight.lean)  # tangent of the sum of both angles
    return place_turned(part, sight.center + moved, lean, sight.zoom)
