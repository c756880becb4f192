"""What is around a signer: the room, things that pass behind, and things that fly past in front of a hand."""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_pose.data.synthetic import shapes, textures
from keras_pose.data.synthetic.appearance import Part
from keras_pose.data.synthetic.draws import uniform, wander
from keras_pose.data.synthetic.layers import Layer, place_turned


@dataclasses.dataclass(frozen=True)
class Sight:
    """Where the camera sees the room, at 3 T moments.

    Args:
      middle: (x, y) of the middle of the frame in px.
      center: float64 [3 T, 2], frame px of the middle of the room.
      lean: float64 [3 T], tangent of the angle by which the room is turned.
      zoom: float64 [3 T], factor on its size.
    """

    middle: tuple[float, float]
    center: np.ndarray
    lean: np.ndarray
    zoom: np.ndarray


def background_layers(
    rng: np.random.Generator,
    camera: tuple[float, float, float],
    size_hw: tuple[int, int],
    times: np.ndarray,
    colors: np.ndarray,
) -> list[Layer]:
    """Makes the room, over which the camera pans, and things that pass behind the signer.

    Args:
      rng: draws the room and the things.
      camera: (head_px, x, y).
      size_hw: (height, width) of the frame in px.
      times: float64 [3 T], frames.
      colors: float32 [N, 3], colours of the signer.
    """
    room, _ = draw_room(rng, camera[0], size_hw, times, colors, 0.75)
    return [room, *passing_layers(rng, camera[0], size_hw, times, colors, 4)]


def draw_room(
    rng: np.random.Generator,
    head_px: float,
    size_hw: tuple[int, int],
    times: np.ndarray,
    colors: np.ndarray,
    pans: float,
) -> tuple[Layer, Sight]:
    """Draws a room that is larger than the frame, and how the camera pans over it.

    Args:
      rng: draws the room.
      head_px: pixels per head.
      size_hw: (height, width) of the frame in px.
      times: float64 [3 T], frames.
      colors: float32 [N, 3], colours of the signer.
      pans: share of the clips in which the camera pans.
    """
    height, width = size_hw
    half_h = 0.62 * height / head_px
    half_w = 0.62 * width / head_px
    grid = shapes.Grid((-half_w, -half_h, half_w, half_h), head_px)
    strength = uniform(rng, 0.3, 1) if rng.random() < pans else 0.0
    shift = [wander(rng, times, 18, 0.06 * strength * n) for n in (width, height)]
    lean = wander(rng, times, 20, 0.05 * strength)
    zoom = 1 + wander(rng, times, 20, 0.05 * strength)

    def paint(rng: np.random.Generator) -> np.ndarray:
        return textures.clutter(rng, grid.size_hw, grid.head_px, colors)

    room = Part("background", grid, np.ones(grid.size_hw, np.float32), paint)
    middle = ((width - 1) / 2, (height - 1) / 2)
    center = np.stack([shift[0] + middle[0], shift[1] + middle[1]], -1)
    return place_turned(room, center, lean, zoom), Sight(middle, center, lean, zoom)


def passing_layers(
    rng: np.random.Generator,
    head_px: float,
    size_hw: tuple[int, int],
    times: np.ndarray,
    colors: np.ndarray,
    fewer_than: int,
) -> list[Layer]:
    """Makes fewer than a number of things that cross the room; further arguments as in `draw_room`."""
    height, width = size_hw
    layers = []
    for number in range(int(rng.integers(0, fewer_than))):
        thing = make_thing(rng, f"passer_{number}", head_px, colors, (0.25, 0.8))
        speed = np.array([uniform(rng, -0.06, 0.06), uniform(rng, -0.03, 0.03)]) * head_px
        start = np.array([uniform(rng, 0, width), uniform(rng, 0, height)])
        middle = float(times[len(times) // 2])
        path = start + (times - middle)[:, None] * speed
        layers.append(place_turned(thing, path, 0.02 * times, 1 + 0 * times))
    return layers


def occluder_layers(
    rng: np.random.Generator,
    camera: tuple[float, float, float],
    wrists_px: np.ndarray,
    times: np.ndarray,
    colors: np.ndarray,
) -> list[Layer]:
    """Makes things that fly past the camera in front of a hand and hide it for one to three frames.

    Args:
      rng: draws the things.
      camera: (head_px, x, y).
      wrists_px: float64 [3 T, 2, 2], positions of the wrists in frame px.
      times: float64 [3 T], frames.
      colors: float32 [N, 3], colours of the signer.
    """
    head_px = camera[0]
    layers = []
    num_frames = len(times) // 3
    expected = num_frames * 0.025
    count = int(expected) + int(rng.random() < expected - int(expected))
    for number in range(count):
        thing = make_thing(rng, f"occluder_{number}", head_px, colors, (0.28, 0.44))
        when = int(rng.integers(0, num_frames)) * 3 + 1
        side = int(rng.integers(0, 2))
        speed = uniform(rng, 0.2, 0.5) * head_px
        lean = uniform(rng, -1, 1)
        direction = np.array([1.0 if rng.random() < 0.5 else -1.0, lean]) / np.sqrt(1 + lean * lean)
        path = wrists_px[when, side] + (times - times[when])[:, None] * direction * speed
        layers.append(place_turned(thing, path, 0.1 * (times - times[when]), 1 + 0 * times))
    return layers


def make_thing(
    rng: np.random.Generator, name: str, head_px: float, colors: np.ndarray, radius_range: tuple[float, float]
) -> Part:
    """Makes a disc, box or bar with a pattern; one in three has a colour of the signer.

    Args:
      rng: draws the thing.
      name: name of the part.
      head_px: pixels per head.
      colors: float32 [N, 3], colours of the signer.
      radius_range: smallest and largest half side, in heads.
    """
    long, short = sorted((uniform(rng, *radius_range), uniform(rng, *radius_range)))[::-1]
    grid = shapes.Grid((-long, -short, long, short), head_px)
    kind = int(rng.integers(0, 3))
    if kind == 0:
        field = shapes.ellipse(grid, (0, 0), (long, short))
    elif kind == 1:
        field = np.minimum(long - np.abs(grid.x), short - np.abs(grid.y))
    else:
        field = shapes.capsule(grid, (short - long, 0), (long - short, 0), short, short)[0]
    first = colors[int(rng.integers(0, len(colors)))] if rng.random() < 0.33 else textures.any_color(rng)
    pattern = textures.cloth_pattern(rng)
    second = textures.any_color(rng)

    def paint(rng: np.random.Generator) -> np.ndarray:
        return textures.paint_cloth(rng, grid, pattern, first, second)

    return Part(name, grid, grid.edge(field), paint)
