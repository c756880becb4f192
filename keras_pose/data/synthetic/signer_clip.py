"""A clip of a synthetic signer: frames, joints, visibility and true optical flow.

A clip is a stack of layers (room, passing things, torso, head, arms, hands, things in front of the camera). Each layer
moves by one affine map per frame. A clip depends only on its version, split, index, length and size: it has the same
bytes on every machine and in every process.
"""

from __future__ import annotations

import functools

import numpy as np

from keras_pose.data.synthetic import appearance, layers, motion, renderer, staging, versions
from keras_pose.data.synthetic.recipes import RECIPES
from keras_pose.data.synthetic.sensor import Sensor

SPLITS = ("train", "validation", "test")
_EXPOSURE = 0.5  # part of the time of a frame during which the shutter is open (a 180° shutter)


class SignerClip:
    """A clip of a signer.

    Frames are drawn on first use; joints and visibility are computed at construction. Flow follows the convention of
    the package: out(p) = in(p + flow(p)).

    Args:
      split: one of `SPLITS`.
      index: 0-based number of the clip in its split.
      num_frames: T.
      size_hw: (height, width) of a frame in px.
      version: version of the signers, see `versions`.

    Attributes:
      head_px: px per head; a torso, from the shoulders to the hips, has about `motion.TORSO_HEADS` heads.
      joints: float32 [T, J, 2], (x, y) in frame px.
      visibility: uint8 [T, J], VISIBLE or HIDDEN.

    Raises:
      ValueError: for an unknown split or version, a negative index, no frames or frames below 16 px.
    """

    def __init__(
        self, split: str, index: int, num_frames: int = 16, size_hw: tuple[int, int] = (128, 128), version: int = 1
    ) -> None:
        _check(split, index, num_frames, size_hw)
        self.name = f"{versions.name(version)}-{split}-{index:05d}"
        self.version = version
        self.num_frames = int(num_frames)
        self.size_hw = (int(size_hw[0]), int(size_hw[1]))
        seeds = np.random.SeedSequence((RECIPES[version].seed, SPLITS.index(split), int(index))).spawn(4)
        move, shape, self._paint_seed, self._sensor_seed = seeds
        times = (np.arange(self.num_frames)[:, None] + np.array((-0.5, 0, 0.5)) * _EXPOSURE).ravel()
        self._layer_maps: dict[int, np.ndarray] = {}
        self._build(_generator(move), _generator(shape), times)

    def _build(self, rng, shape_rng, times):
        # Draw the performance, and aim the camera at it.
        recipe = RECIPES[self.version]
        body = motion.draw_body(rng)
        poses = recipe.perform(rng, body, times)
        heads = np.concatenate(
            [poses.head[:, None], poses.wrists[..., :2], poses.elbows[..., :2], poses.shoulders[..., :2]], 1
        )
        camera = staging.aim_camera(rng, heads, self.size_hw)
        self.head_px = camera[0]
        pixels = heads * camera[0] + np.array(camera[1:])
        self.joints = pixels[1::3].astype(np.float32)
        # Draw what is seen: the signer, things behind, things in front.
        look = appearance.draw_look(shape_rng, recipe.skin_cloth)
        colors = np.stack([look.skin, *look.cloth, look.hair])
        parts = appearance.make_parts(shape_rng, look, body, camera[0])
        behind = recipe.behind(shape_rng, camera, self.size_hw, times, colors, look)
        front = recipe.front(shape_rng, camera, pixels[:, 1:3], times, colors)
        self._layers = [*behind, *layers.body_layers(parts, poses, body, camera), *front]
        # Order the layers; joints under other layers are hidden.
        names = [layer.name for layer in self._layers]
        self._order = staging.stack_layers(names, poses)
        self._body = np.array(
            [not layer.name.startswith(("background", "passer", "occluder")) for layer in self._layers]
        )
        top = self._top_layer(self.joints[..., 0].T, self.joints[..., 1].T, np.arange(self.num_frames))
        self.visibility = staging.joint_visibility(names, top.T)

    def _top_layer(self, x, y, frames):
        """Returns the number of the topmost layer at points [..., N] of frames [N]."""
        rank = np.argsort(self._order, axis=1)  # [T, L]: a layer's place in the stack
        best = np.zeros(np.shape(x), np.int64)
        top = np.zeros(np.shape(x), np.int64)
        for number, layer in enumerate(self._layers[1:], 1):
            covered = renderer.covers(layer.part.coverage, layer.matrices[frames, 1], x, y)
            higher = covered & (rank[frames, number] > best)
            best = np.where(higher, rank[frames, number], best)
            top = np.where(higher, number, top)
        return top

    @functools.cached_property
    def frames(self) -> np.ndarray:
        """The frames, uint8 RGB [T, H, W, 3]."""
        rng = _generator(self._paint_seed)
        sensor = Sensor(_generator(self._sensor_seed), self.size_hw, RECIPES[self.version].lasting_light)
        sprites = [renderer.pack_sprite(layer.part.paint(rng), layer.part.coverage) for layer in self._layers]
        frames = np.empty((self.num_frames, *self.size_hw, 3), np.uint8)
        for frame, order in enumerate(self._order):
            moments = [self._layers[number].matrices[frame] for number in order]
            frames[frame] = sensor.expose(renderer.render([sprites[n] for n in order], moments, self.size_hw))
        return frames

    def layer_map(self, frame: int) -> np.ndarray:
        """Returns int64 [H, W]: the number of the topmost layer at each pixel of a frame, without motion blur."""
        if frame not in self._layer_maps:
            x, y = self._pixel_grid()
            self._layer_maps[frame] = self._top_layer(x, y, frame)
        return self._layer_maps[frame]

    def body_mask(self, frame: int) -> np.ndarray:
        """Returns bool [H, W]: the pixels of a frame that show the signer."""
        return self._body[self.layer_map(frame)]

    def flow(self, target: int, source: int) -> np.ndarray:
        """Returns float32 [H, W, 2], (dx, dy) px: target(p) = source(p + flow(p)) if both frames show the point."""
        x, y = self._pixel_grid()
        top = self.layer_map(target)
        flow = np.zeros((*self.size_hw, 2), np.float32)
        for number in np.unique(top) if target != source else ():
            on_top = top == number
            matrices = self._layers[number].matrices[:, 1]
            points = x[on_top], y[on_top]
            moved = renderer.apply(matrices[source], *renderer.apply(renderer.invert(matrices[target]), *points))
            flow[on_top] = np.stack([moved[0] - points[0], moved[1] - points[1]], -1)
        return flow

    def visible_in(self, target: int, source: int) -> np.ndarray:
        """Returns bool [H, W]: the pixels of frame `target` whose point is also visible in frame `source`."""
        height, width = self.size_hw
        grid_x, grid_y = self._pixel_grid()
        flow = self.flow(target, source)
        x = np.floor(grid_x + flow[..., 0] + 0.5).astype(np.int64)
        y = np.floor(grid_y + flow[..., 1] + 0.5).astype(np.int64)
        inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        found = self.layer_map(source)[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
        return inside & (found == self.layer_map(target))

    def _pixel_grid(self):
        y, x = np.mgrid[: self.size_hw[0], : self.size_hw[1]].astype(np.float64)
        return x, y


def _check(split, index, num_frames, size_hw):
    if split not in SPLITS:
        raise ValueError(f"split: expected one of {', '.join(SPLITS)}, received {split!r}")
    if index < 0:
        raise ValueError(f"index: expected 0 or more, received {index}")
    if num_frames < 1:
        raise ValueError(f"num_frames: expected at least 1, received {num_frames}")
    if len(size_hw) != 2 or min(size_hw) < 16:
        raise ValueError(f"size_hw: expected (height, width) of at least 16 px, received {tuple(size_hw)}")


def _generator(seed):
    return np.random.Generator(np.random.PCG64(seed))
