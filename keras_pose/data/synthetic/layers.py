"""The layers of a clip and how each moves: sprite px to frame px by an affine map a frame.

Each map is given at three moments of a frame: shutter opens, middle, shutter closes. Products are written out: a BLAS
may add in another order on another machine.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_pose.data.synthetic import motion, shapes, textures
from keras_pose.data.synthetic.appearance import Part
from keras_pose.data.synthetic.textures import uniform


@dataclasses.dataclass(frozen=True)
class Layer:
    """`part` drawn by `matrices` float64 [T, 3, 2, 3], sprite px to frame px at shutter open, middle and close."""

    part: Part
    matrices: np.ndarray

    @property
    def name(self):
        return self.part.name


def place(part, x_axis, y_axis, origin) -> Layer:
    """Places a part: its heads (x, y) go to origin + x·x_axis + y·y_axis.

    Args:
      part: `Part`.
      x_axis, y_axis, origin: float64 [T, 3, 2] in frame px.
    """
    per_px = 1 / part.grid.head_px
    left, top = part.grid.origin_xy
    x_axis, y_axis = x_axis * per_px, y_axis * per_px
    return Layer(part, np.stack([x_axis, y_axis, origin - x_axis * left - y_axis * top], -1))


def body_layers(parts, poses, body, camera) -> list[Layer]:
    """Places the parts of a signer.

    Args:
      parts: of `appearance.make_parts`.
      poses: `motion.Poses` with N = 3 T moments.
      body: `motion.Body`.
      camera: (head_px, x, y), pixels a head and the frame px of (0, 0).
    """
    head_px = camera[0]
    by_name = {part.name: part for part in parts}

    def pixels(points):  # [N, 2] heads to [T, 3, 2] px
        return _by_frame(points * head_px + np.array(camera[1:]))

    def axes(cos_sin, stretch):
        cos, sin = cos_sin[:, 0], cos_sin[:, 1]
        across = _by_frame(np.stack([cos * stretch, sin * stretch], -1) * head_px)
        return across, _by_frame(np.stack([-sin, cos], -1) * head_px)

    layers = [
        place(by_name["torso"], *axes(poses.turn, poses.yaw), pixels(poses.center)),
        place(by_name["head"], *axes(poses.nod, 0.5 + 0.5 * poses.yaw), pixels(poses.head)),
    ]
    for number, side in enumerate(motion.SIDES):
        sign = motion.SIGNS[number]
        chain = [joint[:, number, :2] for joint in (poses.shoulders, poses.elbows, poses.wrists)]
        lengths = (body.upper_arm, body.forearm)
        for name, start, end, length in zip(("upper_arm", "forearm"), chain, chain[1:], lengths):
            along, normal = _along(end - start, sign)
            x_axis, y_axis = _by_frame(along / length * head_px), _by_frame(normal * head_px)
            layers.append(place(by_name[f"{side}_{name}"], x_axis, y_axis, pixels(start)))
        bend = poses.hand_bend[:, number, None]
        direction, _ = _along(along + bend * normal * _norm(along), sign)
        direction = direction / np.maximum(_norm(direction), 1e-6)
        normal = np.stack([-direction[:, 1], direction[:, 0]], -1) * sign
        stretched = direction * poses.hand_stretch[:, number, None]
        layers.append(
            place(
                by_name[f"{side}_hand"], _by_frame(stretched * head_px), _by_frame(normal * head_px), pixels(chain[2])
            )
        )
    return layers


def background_layers(rng, camera, size_hw, times, colors) -> list[Layer]:
    """The room, which the camera pans over, and things that pass behind the signer.

    Args:
      rng: `np.random.Generator`.
      camera: (head_px, x, y).
      size_hw: (height, width) of the frame in px.
      times: float64 [3 T], frames.
      colors: float32 [N, 3], colours of the signer.
    """
    height, width = size_hw
    head_px = camera[0]
    half_h, half_w = 0.62 * height / head_px, 0.62 * width / head_px
    grid = shapes.Grid((-half_w, -half_h, half_w, half_h), head_px)
    strength = uniform(rng, 0.3, 1) if rng.random() < 0.75 else 0.0
    shift = [motion.wander(rng, times, 18, 0.06 * strength * n) for n in (width, height)]
    lean, zoom = motion.wander(rng, times, 20, 0.05 * strength), 1 + motion.wander(rng, times, 20, 0.05 * strength)

    def paint(rng):
        return textures.clutter(rng, grid.size_hw, grid.head_px, colors)

    room = Part("background", grid, np.ones(grid.size_hw, np.float32), paint)
    center = np.stack([shift[0] + (width - 1) / 2, shift[1] + (height - 1) / 2], -1)
    layers = [_placed_plainly(room, center, lean, zoom, times)]
    for number in range(int(rng.integers(0, 4))):
        thing = make_thing(rng, f"passer_{number}", head_px, colors, (0.25, 0.8))
        speed = np.array([uniform(rng, -0.06, 0.06), uniform(rng, -0.03, 0.03)]) * head_px
        start = np.array([uniform(rng, 0, width), uniform(rng, 0, height)])
        middle = float(times[len(times) // 2])
        layers.append(
            _placed_plainly(thing, start + (times - middle)[:, None] * speed, 0.02 * times, 1 + 0 * times, times)
        )
    return layers


def occluder_layers(rng, camera, wrists_px, times, colors) -> list[Layer]:
    """Things that fly past the camera over a hand and hide it for one to three frames.

    Args:
      rng: `np.random.Generator`.
      camera: (head_px, x, y).
      wrists_px: float64 [3 T, 2, 2], the wrists' places in frame px.
      times: float64 [3 T], frames.
      colors: float32 [N, 3], colours of the signer.
    """
    head_px, layers = camera[0], []
    num_frames = len(times) // 3
    expected = num_frames * 0.025
    count = int(expected) + int(rng.random() < expected - int(expected))
    for number in range(count):
        thing = make_thing(rng, f"occluder_{number}", head_px, colors, (0.28, 0.44))
        when, side = int(rng.integers(0, num_frames)) * 3 + 1, int(rng.integers(0, 2))
        speed = uniform(rng, 0.2, 0.5) * head_px
        lean = uniform(rng, -1, 1)
        direction = np.array([1.0 if rng.random() < 0.5 else -1.0, lean]) / np.sqrt(1 + lean * lean)
        path = wrists_px[when, side] + (times - times[when])[:, None] * direction * speed
        layers.append(_placed_plainly(thing, path, 0.1 * (times - times[when]), 1 + 0 * times, times))
    return layers


def make_thing(rng, name, head_px, colors, radius_range) -> Part:
    """Makes a disc, box or bar with a pattern, in a colour of its own or of the signer (one in three)."""
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
    pattern, second = textures.cloth_pattern(rng), textures.any_color(rng)

    def paint(rng):
        return textures.paint_cloth(rng, grid, pattern, first, second)

    return Part(name, grid, grid.edge(field), paint)


def _placed_plainly(part, center, lean, zoom, times):
    """Places a part at `center` px [N, 2], turned by `lean` radians (small: the map is a shear-free turn and scale)."""
    head_px = part.grid.head_px
    norm = head_px * zoom / np.sqrt(1 + lean * lean)
    x_axis, y_axis = np.stack([norm, norm * lean], -1), np.stack([-norm * lean, norm], -1)
    return place(part, _by_frame(x_axis), _by_frame(y_axis), _by_frame(center))


def _by_frame(values):
    return values.reshape(-1, 3, *values.shape[1:])


def _norm(vectors):
    return np.sqrt(vectors[:, 0] ** 2 + vectors[:, 1] ** 2)[:, None]


def _along(span, sign):
    """The span, kept from vanishing, and its unit normal (mirrored for the other side)."""
    length = _norm(span)
    unit = span / np.maximum(length, 1e-6)
    return unit * np.maximum(length, 0.15), np.stack([-unit[:, 1], unit[:, 0]], -1) * sign
