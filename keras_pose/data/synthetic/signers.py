"""Synthetic signers: clips whose joints, visibility and optical flow are known exactly.

A clip is a stack of layers (room, passing things, torso, head, arms, hands, things before the camera), each of which
moves by one affine map a frame. Every clip depends on nothing but its split, index, length and size: the same bytes
on every machine and in every process.
"""

from __future__ import annotations

import functools

import numpy as np

from keras_pose import skeleton
from keras_pose.data.clip import HIDDEN, VISIBLE, Clip
from keras_pose.data.sources import Source
from keras_pose.data.synthetic import appearance, layers, motion, renderer
from keras_pose.data.synthetic.sensor import Sensor
from keras_pose.data.synthetic.textures import uniform

SPLITS = ("train", "validation", "test")
SKELETON = skeleton.UPPER_BODY
_SEED = 20150701
_EXPOSURE = 0.5  # share of a frame's time in which the shutter is open (a 180° shutter)
_OWN_LAYERS = {"head": ("head",), "wrist": ("forearm", "hand"), "elbow": ("upper_arm", "forearm")}


class SignerClip:
    """A clip of a signer.

    Frames are drawn on first use; joints and visibility are there at once. Flow follows the convention of the
    package: out(p) = in(p + flow(p)).

    Args:
      split: one of `SPLITS`.
      index: 0-based number of the clip in its split.
      num_frames: T.
      size_hw: (height, width) in px.

    Raises:
      ValueError: for an unknown split, a negative index, no frames or frames below 16 px.
    """

    def __init__(self, split, index, num_frames=16, size_hw=(128, 128)):
        _check(split, index, num_frames, size_hw)
        self.name = f"signers-{split}-{index:05d}"
        self.num_frames, self.size_hw = int(num_frames), (int(size_hw[0]), int(size_hw[1]))
        seeds = np.random.SeedSequence((_SEED, SPLITS.index(split), int(index))).spawn(4)
        move, shape, self._paint_seed, self._sensor_seed = seeds
        times = (np.arange(self.num_frames)[:, None] + np.array((-0.5, 0, 0.5)) * _EXPOSURE).ravel()
        self._build(_generator(move), _generator(shape), times)

    def _build(self, rng, shape_rng, times):
        body = motion.draw_body(rng)
        poses = motion.perform(rng, body, times)
        heads = np.concatenate(
            [poses.head[:, None], poses.wrists[..., :2], poses.elbows[..., :2], poses.shoulders[..., :2]], 1
        )
        camera = _aim(rng, heads, self.size_hw)
        pixels = heads * camera[0] + np.array(camera[1:])
        self.joints = pixels[1::3].astype(np.float32)
        look = appearance.draw_look(shape_rng)
        colors = np.stack([look.skin, *look.cloth, look.hair])
        parts = appearance.make_parts(shape_rng, look, body, camera[0])
        behind = layers.background_layers(shape_rng, camera, self.size_hw, times, colors)
        front = layers.occluder_layers(shape_rng, camera, pixels[:, 1:3], times, colors)
        self._layers = [*behind, *layers.body_layers(parts, poses, body, camera), *front]
        self._order = _stacking(self._layers, poses)
        self._body = np.array(
            [not layer.name.startswith(("background", "passer", "occluder")) for layer in self._layers]
        )
        self.visibility = self._find_visibility()

    def _find_visibility(self):
        top = self._top_layer(self.joints[..., 0].T, self.joints[..., 1].T, np.arange(self.num_frames)).T  # [T, J]
        names = np.array([layer.name for layer in self._layers])
        visibility = np.full(top.shape, HIDDEN, np.uint8)
        for number, joint in enumerate(SKELETON.joints):
            side, _, part = joint.rpartition("_")
            if part == "shoulder":
                own = {"torso", f"{side}_upper_arm"}
            else:
                own = {f"{side}_{name}" if side else name for name in _OWN_LAYERS[part]}
            visibility[np.isin(names[top[:, number]], sorted(own)), number] = VISIBLE
        return visibility

    def _top_layer(self, x, y, frames):
        """The number of the topmost layer at points [..., N] of frames [N]."""
        rank = np.argsort(self._order, axis=1)  # [T, L]: a layer's place in the stack
        best = np.zeros(np.shape(x), np.int64)
        top = np.zeros(np.shape(x), np.int64)
        for number, layer in enumerate(self._layers[1:], 1):
            covered = renderer.covers(layer.part.coverage, layer.matrices[frames, 1], x, y)
            higher = covered & (rank[frames, number] > best)
            best, top = np.where(higher, rank[frames, number], best), np.where(higher, number, top)
        return top

    @functools.cached_property
    def frames(self):
        """uint8 [T, H, W, 3], RGB."""
        rng, sensor = _generator(self._paint_seed), Sensor(_generator(self._sensor_seed), self.size_hw)
        sprites = [renderer.pack_sprite(layer.part.paint(rng), layer.part.coverage) for layer in self._layers]
        frames = np.empty((self.num_frames, *self.size_hw, 3), np.uint8)
        for frame, order in enumerate(self._order):
            moments = [self._layers[number].matrices[frame] for number in order]
            frames[frame] = sensor.expose(renderer.render([sprites[n] for n in order], moments, self.size_hw))
        return frames

    @functools.lru_cache(maxsize=64)  # noqa: B019 - a clip is short-lived and its maps are small
    def layer_map(self, frame):
        """Returns int [H, W]: the number of the topmost layer at each pixel of a frame (blur left out)."""
        height, width = self.size_hw
        y, x = np.mgrid[:height, :width].astype(np.float64)
        return self._top_layer(x, y, frame)

    def body_mask(self, frame):
        """Returns bool [H, W]: where the signer is seen."""
        return self._body[self.layer_map(frame)]

    def flow(self, target, source):
        """Returns float32 [H, W, 2], (dx, dy) px: frame(target)(p) = frame(source)(p + flow(p)) where both see p."""
        height, width = self.size_hw
        y, x = np.mgrid[:height, :width].astype(np.float64)
        top = self.layer_map(target)
        flow = np.zeros((height, width, 2), np.float32)
        for number in np.unique(top) if target != source else ():
            on_top = top == number
            matrices = self._layers[number].matrices[:, 1]
            points = x[on_top], y[on_top]
            moved = renderer.apply(matrices[source], *renderer.apply(renderer.invert(matrices[target]), *points))
            flow[on_top] = np.stack([moved[0] - points[0], moved[1] - points[1]], -1)
        return flow

    def visible_in(self, target, source):
        """Returns bool [H, W]: where what frame `target` shows is seen in frame `source`, too."""
        height, width = self.size_hw
        place = np.floor(np.mgrid[:height, :width][::-1].transpose(1, 2, 0) + self.flow(target, source) + 0.5).astype(
            int
        )
        x, y = place[..., 0], place[..., 1]
        inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        found = self.layer_map(source)[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
        return inside & (found == self.layer_map(target))


def generate(split, index, num_frames=16, size_hw=(128, 128)) -> SignerClip:
    """Generates a clip; see `SignerClip`."""
    return SignerClip(split, index, num_frames, size_hw)


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


def _aim(rng, heads, size_hw):
    """Chooses the camera (head_px, x, y): a head is 1/6 to 1/4 of the height, all joints stay inside."""
    height, width = size_hw
    low, high = heads.min((0, 1)), heads.max((0, 1))
    margin = 0.04 * min(size_hw)
    head_px = min(height * uniform(rng, 1 / 6, 1 / 4.2), *((np.array((width, height)) - 1 - 2 * margin) / (high - low)))
    wanted = (width * uniform(rng, 0.4, 0.6), height * uniform(rng, 0.03, 0.12) - (low[1] - 0.5) * head_px)
    limits = zip(wanted, margin - low * head_px, np.array((width, height)) - 1 - margin - high * head_px)
    x, y = (min(max(value, at_least), at_most) for value, at_least, at_most in limits)
    return float(head_px), float(x), float(y)


def _stacking(all_layers, poses):
    """int64 [T, L]: layers from the back to the front; the nearer arm changes only while the hands are apart."""
    names = [layer.name for layer in all_layers]
    arms = [[names.index(f"{side}_{part}") for part in ("forearm", "hand")] for side in motion.SIDES]
    uppers = [names.index(f"{side}_upper_arm") for side in motion.SIDES]
    first = names.index("torso")
    last = max(arms[0] + arms[1]) + 1
    wrists = poses.wrists[1::3]
    near = int(wrists[0, 1, 2] > wrists[0, 0, 2])
    orders = []
    for right, left in wrists:
        if (right[0] - left[0]) ** 2 + (right[1] - left[1]) ** 2 > 1.7:
            near = int(left[2] > right[2])
        arm_order = [uppers[1 - near], uppers[near], *arms[1 - near], *arms[near]]
        orders.append([*range(first), first, first + 1, *arm_order, *range(last, len(names))])
    return np.array(orders)


class SignerFrames:
    """`Frames` of a signer clip, drawn when read and kept by a cache that the clips of a source share."""

    def __init__(self, split, index, num_frames, size_hw, cache):
        self.split, self.index, self.num_frames, self.size_hw = split, index, num_frames, tuple(size_hw)
        self._cache = cache

    def read(self, indices):
        return self._cache(self.split, self.index, self.num_frames, self.size_hw)[list(indices)]


def open_signers(split, num_clips, num_frames=16, size_hw=(128, 128), max_cached_bytes=1 << 29) -> Source:
    """Opens a set of signers with every frame labelled.

    Args:
      split: one of `SPLITS`.
      num_clips: how many clips, the first of the split.
      num_frames: frames a clip.
      size_hw: (height, width) in px.
      max_cached_bytes: how much memory drawn clips may keep; the longest unread ones are dropped first.

    Returns:
      `Source` of clips named `signers-<split>-<number>`.

    Raises:
      ValueError: for an unknown split, no clips, no frames or too small frames.
    """
    if num_clips < 1:
        raise ValueError(f"num_clips: expected at least 1, received {num_clips}")
    kept = max(int(max_cached_bytes // (num_frames * size_hw[0] * size_hw[1] * 3)), 1)
    cache = functools.lru_cache(maxsize=kept)(_draw_frames)
    return Source([_open_clip(split, index, num_frames, size_hw, cache) for index in range(num_clips)], SKELETON)


def _open_clip(split, index, num_frames, size_hw, cache):
    signer = generate(split, index, num_frames, size_hw)
    frames = SignerFrames(split, index, num_frames, size_hw, cache)
    return Clip(signer.name, frames, np.arange(num_frames), signer.joints, signer.visibility)


def _draw_frames(split, index, num_frames, size_hw):
    return generate(split, index, num_frames, size_hw).frames
