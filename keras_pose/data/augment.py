"""Augmentation of a window of frames and its joints, in the graph, as pure functions of a seed.

Each clip of a batch gets one affine map for its whole window, joined with the map from frame to input, so that every
pixel is resampled once; colour, noise and occlusion follow. All of it works on whole batches: on a CPU, a hundred
small operations an example would cost more than the pixels. Random numbers come from stateless generators: what is
done to a batch depends on the seed and on nothing else.

Letters: B batch, T frames, h w stored frames, H W network input, J joints.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from keras_pose import geometry
from keras_pose.data.config import AugmentationConfig


@dataclasses.dataclass(frozen=True)
class Mirroring:
    """How often frames are mirrored.

    Args:
      probability: 0 to 1.
      flip_permutation: int [J], the joint that each joint becomes in a mirrored frame; empty if nothing is mirrored.

    Raises:
      ValueError: for mirroring without a permutation.
    """

    probability: float = 0.0
    flip_permutation: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.probability > 0 and not len(self.flip_permutation):
            raise ValueError("mirror: expected 0 without a flip permutation; mirroring swaps left and right joints")


NO_AUGMENTATION = AugmentationConfig(
    scale=0.0, stretch=0.0, rotation_deg=0.0, shift=0.0, mirror="0", color=0.0, noise=0.0, occlusion=0.0
)
NO_MIRRORING = Mirroring()


def augment_batch(
    batch: dict, seed: tf.Tensor, size_hw: tuple[int, int], augmentation: AugmentationConfig, mirroring: Mirroring
) -> tuple[dict, tf.Tensor]:
    """Brings windows of frames, and the flow between them, onto the network's input, changed at random.

    Args:
      batch: what `Samples.read_batch` gives.
      seed: int64 [2].
      size_hw: (height, width) of the input in px.
      augmentation: `AugmentationConfig`.
      mirroring: `Mirroring`.

    Returns:
      {"frames": float32 [B, T, H, W, 3] of 0 to 255, "valid": float32 [B, T], and where there is flow "flows": float32
      [B, T, H/4, W/4, 2] in heatmap px}, and targets float32 [B, J, 3].
    """
    seeds = tf.random.experimental.stateless_split(seed, 4)
    changes, mirrored = random_matrices(
        seeds[0], tf.shape(batch["frames"])[0], size_hw, augmentation, mirroring.probability
    )
    targets = transform_targets(batch["targets"], changes, mirrored, size_hw, mirroring.flip_permutation)
    window = onto_input(batch, size_hw, changes)
    frames = occlude(recolor(window["frames"], seeds[1], augmentation), seeds[2], augmentation)
    return {**window, "frames": add_noise(frames, seeds[3], augmentation)}, targets


def onto_input(batch: dict, size_hw: tuple[int, int], changes: tf.Tensor | None = None) -> dict:
    """Brings windows of frames, and the flow between them, onto the network's input.

    Args:
      batch: what `Samples.read_batch` gives.
      size_hw: (height, width) of the input in px.
      changes: float32 [B, 3, 3], input px to input px, done on top; None for nothing.

    Returns:
      The first dictionary of `augment_batch`.
    """

    def joined(matrices):
        return matrices if changes is None else tf.matmul(changes, matrices)

    window = {"frames": warp_frames(batch["frames"], joined(batch["matrices"]), size_hw), "valid": batch["valid"]}
    if "flows" in batch:
        window["flows"] = warp_flows(batch["flows"], joined(batch["flow_matrices"]), size_hw)
    return window


def random_matrices(
    seed: tf.Tensor,
    count: tf.Tensor | int,
    size_hw: tuple[int, int],
    augmentation: AugmentationConfig,
    mirror_probability: float,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Draws affine maps about the centre of the input: mirror, stretch, shear, turn and zoom, move.

    Args:
      seed: int64 [2].
      count: B.
      size_hw: (height, width) of the input in px.
      augmentation: `AugmentationConfig`.
      mirror_probability: 0 to 1.

    Returns:
      float32 [B, 3, 3], input px to input px, and bool [B], which of them mirror.
    """
    height, width = size_hw
    draws = tf.unstack(tf.random.stateless_uniform([7, count], seed, -1.0, 1.0))
    zoom = tf.exp(draws[0] * math.log1p(augmentation.scale))
    angle = draws[1] * (augmentation.rotation_deg * math.pi / 180)
    mirrored = (draws[2] + 1) / 2 < mirror_probability
    flip = tf.where(mirrored, -1.0, 1.0)  # about the centre, x to (W − 1) − x is a change of sign
    stretch = tf.exp(draws[5] * (math.log1p(augmentation.stretch) / 2))
    shear = draws[6] * (augmentation.stretch / 2)
    cos, sin = zoom * tf.cos(angle), zoom * tf.sin(angle)
    wide, high = flip * stretch, 1 / stretch
    a, b, c, d = cos * wide, (cos * shear - sin) * high, sin * wide, (sin * shear + cos) * high
    center_x, center_y = (width - 1) / 2, (height - 1) / 2
    move_x = center_x + draws[3] * (augmentation.shift * width) - a * center_x - b * center_y
    move_y = center_y + draws[4] * (augmentation.shift * height) - c * center_x - d * center_y
    zero = tf.zeros_like(a)
    rows = tf.stack([a, b, move_x, c, d, move_y, zero, zero, zero + 1], -1)
    return tf.reshape(rows, [-1, 3, 3]), mirrored


def warp_frames(frames: tf.Tensor, matrices: tf.Tensor, size_hw: tuple[int, int]) -> tf.Tensor:
    """Resamples windows of frames by one affine map each (bilinear, black outside).

    Args:
      frames: uint8 [B, T, h, w, 3].
      matrices: float32 [B, 3, 3], px of `frames` to px of the result.
      size_hw: (height, width) of the result in px.

    Returns:
      float32 [B, T, H, W, 3], 0 to 255.
    """
    return _warp_affinely(tf.cast(frames, tf.float32), matrices, size_hw)


def warp_flows(flows: tf.Tensor, matrices: tf.Tensor, size_hw: tuple[int, int]) -> tf.Tensor:
    """Brings flow onto the grid of the heatmaps: each vector is moved with its pixel, turned and scaled.

    Args:
      flows: float32 [B, T, h, w, 2], (dx, dy) in px of its grid.
      matrices: float32 [B, 3, 3], px of that grid to input px.
      size_hw: (height, width) of the input in px.

    Returns:
      float32 [B, T, H/4, W/4, 2] in heatmap px; zero where the frame does not reach.
    """
    to_heatmap = tf.constant(geometry.scaling(1 / geometry.HEATMAP_STRIDE), tf.float32)
    matrices = tf.matmul(to_heatmap[None], matrices)
    warped = _warp_affinely(flows, matrices, tuple(side // geometry.HEATMAP_STRIDE for side in size_hw))
    return tf.einsum("bthwc,bdc->bthwd", warped, matrices[:, :2, :2])


def _warp_affinely(images, matrices, size_hw):
    """float32 [B, T, h, w, C] by one affine map [B, 3, 3] a window to [B, T, *size_hw, C]; zero outside."""
    batch, length, height, width = tf.unstack(tf.shape(images)[:4])
    channels = images.shape[-1]
    inverse = tf.reshape(tf.linalg.inv(matrices), [-1, 1, 9])
    rows = tf.concat([inverse[..., :6], tf.zeros([batch, 1, 2])], -1)
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.reshape(images, [batch * length, height, width, channels]),
        transforms=tf.reshape(tf.tile(rows, [1, length, 1]), [batch * length, 8]),
        output_shape=list(size_hw),
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
        fill_value=0.0,
    )
    return tf.reshape(warped, [batch, images.shape[1] or length, *size_hw, channels])


def transform_targets(
    targets: tf.Tensor,
    matrices: tf.Tensor,
    mirrored: tf.Tensor,
    size_hw: tuple[int, int],
    flip_permutation: Sequence[int],
) -> tf.Tensor:
    """Moves joints with their frames, swaps left and right where mirrored, drops what left the input.

    Args:
      targets: float32 [B, J, 3], (x, y, weight) in px.
      matrices: float32 [B, 3, 3].
      mirrored: bool [B].
      size_hw: (height, width) of the input in px.
      flip_permutation: int [J]; empty where nothing is mirrored.

    Returns:
      float32 [B, J, 3]; joints outside the input have weight 0 and position 0.
    """
    points, weight = targets[..., :2], targets[..., 2:]
    points = tf.matmul(points, matrices[:, :2, :2], transpose_b=True) + matrices[:, None, :2, 2]
    edge = tf.constant([size_hw[1] - 0.5, size_hw[0] - 0.5])
    inside = tf.reduce_all((points >= -0.5) & (points <= edge), axis=-1, keepdims=True)
    kept = tf.where(inside & (weight > 0), tf.concat([points, weight], -1), 0.0)
    if len(flip_permutation):
        kept = tf.where(mirrored[:, None, None], tf.gather(kept, np.asarray(flip_permutation), axis=1), kept)
    return kept


def recolor(frames: tf.Tensor, seed: tf.Tensor, augmentation: AugmentationConfig) -> tf.Tensor:
    """Changes tone curve, contrast, brightness, colour balance and the fall of the light, one draw a clip.

    Args:
      frames: float32 [B, T, H, W, 3], 0 to 255.
      seed: int64 [2].
      augmentation: `AugmentationConfig`.

    Returns:
      float32 [B, T, H, W, 3]; may leave 0..255 a little.
    """
    strength = augmentation.color
    if strength <= 0:
        return frames
    batch = tf.shape(frames)[0]
    draws = tf.random.stateless_uniform([batch, 1, 1, 1, 8], seed, -1.0, 1.0)
    gamma = tf.exp(draws[..., :1] * (0.4 * strength))
    contrast = tf.exp(draws[..., 1:2] * (0.4 * strength))
    balance = tf.exp(draws[..., 2:5] * (0.25 * strength))
    offset = draws[..., 5:6] * (60.0 * strength)
    light = _ramps(draws[..., 6:7], draws[..., 7:8], frames) * (40.0 * strength)
    frames = 255.0 * tf.pow(tf.maximum(frames, 0.0) / 255.0, gamma)
    mean = tf.reduce_mean(frames[:, 0, ::4, ::4], [1, 2, 3])[:, None, None, None, None]
    # ((frames − mean) · contrast + mean) · balance + offset + light, as one product and one sum over the pixels
    return frames * (contrast * balance) + (mean * (1 - contrast) * balance + offset + light)


def _ramps(slope_x, slope_y, frames):
    """Returns float32 [B, 1, H, W, 1]: a plane that is 0 in the middle and reaches the slopes at the borders."""
    columns = tf.linspace(-1.0, 1.0, tf.shape(frames)[3])[None, None, None, :, None]
    rows = tf.linspace(-1.0, 1.0, tf.shape(frames)[2])[None, None, :, None, None]
    return slope_x * columns + slope_y * rows


def add_noise(frames: tf.Tensor, seed: tf.Tensor, augmentation: AugmentationConfig) -> tf.Tensor:
    """Adds pixel noise and clips to 0..255.

    One field of noise serves the batch, each clip with a strength and a sign of its own: drawing one a clip would cost
    as much as all the rest.

    Args:
      frames: float32 [B, T, H, W, 3], 0 to 255.
      seed: int64 [2].
      augmentation: `AugmentationConfig`.

    Returns:
      float32 [B, T, H, W, 3], 0 to 255.
    """
    if augmentation.noise > 0:
        keys = tf.random.experimental.stateless_split(seed, 2)
        strength = tf.random.stateless_uniform([tf.shape(frames)[0], 1, 1, 1, 1], keys[0], -1.0, 1.0)
        frames += strength * augmentation.noise * tf.random.stateless_normal(tf.shape(frames)[1:], keys[1])
    return tf.clip_by_value(frames, 0.0, 255.0)


def occlude(frames: tf.Tensor, seed: tf.Tensor, augmentation: AugmentationConfig) -> tf.Tensor:
    """Covers a box of random colour and size (a tenth to two fifths of each side), the same in the whole window.

    Joints under the box keep their labels: the net learns to infer them from what it sees.

    Args:
      frames: float32 [B, T, H, W, 3], 0 to 255.
      seed: int64 [2].
      augmentation: `AugmentationConfig`.

    Returns:
      float32 [B, T, H, W, 3].
    """
    if augmentation.occlusion <= 0:
        return frames
    batch, height, width = tf.shape(frames)[0], tf.shape(frames)[2], tf.shape(frames)[3]
    keys = tf.random.experimental.stateless_split(seed, 2)
    draws = tf.random.stateless_uniform([batch, 5], keys[0])
    color = tf.random.stateless_uniform([batch, 1, 1, 1, 3], keys[1], 0.0, 255.0)

    def span(center, size, length):
        places = (tf.range(tf.cast(length, tf.float32)) + 0.5) / tf.cast(length, tf.float32)
        return tf.abs(places[None, :] - center[:, None]) < (0.1 + 0.3 * size[:, None]) / 2

    covered = span(draws[:, 0], draws[:, 1], height)[:, :, None] & span(draws[:, 2], draws[:, 3], width)[:, None, :]
    covered &= (draws[:, 4] < augmentation.occlusion)[:, None, None]
    return tf.where(covered[:, None, :, :, None], color, frames)
