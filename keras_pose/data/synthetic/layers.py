"""The layers of a clip and how they move: one affine map per frame from sprite px to frame px.

Each map has three moments of a frame: the shutter opens, the middle, the shutter closes. Matrix products are written
out, because BLAS libraries add in different orders on different machines.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_pose.data.synthetic import motion
from keras_pose.data.synthetic.appearance import Part


@dataclasses.dataclass(frozen=True)
class Layer:
    """A part and its movement.

    Args:
      part: the sprite.
      matrices: float64 [T, 3, 2, 3], sprite px to frame px when the shutter opens, in the middle, and when it closes.
    """

    part: Part
    matrices: np.ndarray

    @property
    def name(self) -> str:
        """The name of the part."""
        return self.part.name


def place(part: Part, x_axis: np.ndarray, y_axis: np.ndarray, origin: np.ndarray) -> Layer:
    """Places a part: its point (x, y) in heads is drawn at origin + x·x_axis + y·y_axis.

    Args:
      part: the sprite.
      x_axis, y_axis, origin: float64 [T, 3, 2] in frame px.
    """
    per_px = 1 / part.grid.head_px
    left, top = part.grid.origin_xy
    x_axis = x_axis * per_px
    y_axis = y_axis * per_px
    return Layer(part, np.stack([x_axis, y_axis, origin - x_axis * left - y_axis * top], -1))


def place_turned(part: Part, center: np.ndarray, lean: np.ndarray, zoom: np.ndarray) -> Layer:
    """Places a part that is turned and scaled, at N = 3 T moments.

    Args:
      part: the sprite.
      center: float64 [N, 2], where its point (0, 0) is drawn, in frame px.
      lean: float64 [N], tangent of the angle by which it is turned.
      zoom: float64 [N], factor on its size.
    """
    head_px = part.grid.head_px
    norm = head_px * zoom / np.sqrt(1 + lean * lean)
    x_axis = np.stack([norm, norm * lean], -1)
    y_axis = np.stack([-norm * lean, norm], -1)
    return place(part, _by_frame(x_axis), _by_frame(y_axis), _by_frame(center))


def body_layers(
    parts: Sequence[Part], poses: motion.Poses, body: motion.Body, camera: tuple[float, float, float]
) -> list[Layer]:
    """Places the parts of a signer.

    Args:
      parts: from `appearance.make_parts`.
      poses: poses at N = 3 T moments.
      body: proportions of the signer.
      camera: (head_px, x, y), pixels per head and the frame px of (0, 0).
    """
    by_name = {part.name: part for part in parts}
    # Torso and head lean, and are foreshortened when they turn.
    layers = [
        _place_leaning(by_name["torso"], poses.turn, poses.yaw, poses.center, camera),
        _place_leaning(by_name["head"], poses.nod, 0.5 + 0.5 * poses.yaw, poses.head, camera),
    ]
    # Each arm is a chain: upper arm, forearm, hand.
    for number, side in enumerate(motion.SIDES):
        sign = motion.SIGNS[number]
        chain = [joint[:, number, :2] for joint in (poses.shoulders, poses.elbows, poses.wrists)]
        lengths = (body.upper_arm, body.forearm)
        for name, start, end, length in zip(("upper_arm", "forearm"), chain, chain[1:], lengths):
            along, normal = _along(end - start, sign)
            layers.append(_place_by_axes(by_name[f"{side}_{name}"], along / length, normal, start, camera))
        bend = poses.hand_bend[:, number, None]
        direction, _ = _along(along + bend * normal * _norm(along), sign)
        direction = direction / np.maximum(_norm(direction), 1e-6)
        normal = np.stack([-direction[:, 1], direction[:, 0]], -1) * sign
        stretched = direction * poses.hand_stretch[:, number, None]
        layers.append(_place_by_axes(by_name[f"{side}_hand"], stretched, normal, chain[2], camera))
    return layers


def _place_leaning(part, cos_sin, stretch, origin, camera):
    """Places a part with its origin in heads [N, 2], turned by the angle of (cos, sin) [N, 2], x stretched [N]."""
    cos = cos_sin[:, 0]
    sin = cos_sin[:, 1]
    x_axis = np.stack([cos * stretch, sin * stretch], -1)
    return _place_by_axes(part, x_axis, np.stack([-sin, cos], -1), origin, camera)


def _place_by_axes(part, x_axis, y_axis, origin, camera):
    """Places a part by its axes and origin in heads, each [N, 2]."""
    head_px = camera[0]
    origin_px = origin * head_px + np.array(camera[1:])
    return place(part, _by_frame(x_axis * head_px), _by_frame(y_axis * head_px), _by_frame(origin_px))


def _by_frame(values):
    return values.reshape(-1, 3, *values.shape[1:])


def _norm(vectors):
    return np.sqrt(vectors[:, 0] ** 2 + vectors[:, 1] ** 2)[:, None]


def _along(span, sign):
    """Returns the span, at least 0.15 long, and its unit normal (mirrored for the other side)."""
    length = _norm(span)
    unit = span / np.maximum(length, 1e-6)
    return unit * np.maximum(length, 0.15), np.stack([-unit[:, 1], unit[:, 0]], -1) * sign
