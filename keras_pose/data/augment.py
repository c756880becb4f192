"""Augmentation of a window of frames and its joints, in the graph, as pure functions of a seed.

Each clip of a batch gets one affine map for its whole window, joined with the map from frame to input, so that every
pixel is resampled once; the changes of `pixel_changes` follow. Everything works on whole batches: on a CPU, a hundred
small operations per example would cost more than the pixels. Random numbers come from stateless generators, so the
changes of a batch depend only on the seed.

Letters: B batch, T frames, h w stored frames, H W network input, J joints.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from keras_pose import geometry
from keras_pose.data import pixel_changes
from keras_pose.data.batch_part import BatchPart
from keras_pose.data.config import AugmentationConfig


@dataclasses.dataclass(frozen=True)
class Mirroring:
    """How often frames are mirrored.

    Args:
      probability: 0 to 1.
      flip_permutation: int [J], the joint that each joint becomes in a mirrored frame; empty if nothing is mirrored.

    Raises:
      ValueError: if frames are mirrored and there is no permutation.
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
    batch: dict,
    seed: tf.Tensor,
    size_hw: tuple[int, int],
    augmentation: AugmentationConfig,
    mirroring: Mirroring,
    part: BatchPart | None = None,
) -> tuple[dict, tf.Tensor]:
    """Maps windows of frames, and the flow between them, to the net's input, with random changes.

    Args:
      batch: what `Samples.read_batch` returns.
      seed: int64 [2].
      size_hw: (height, width) of the input in px.
      augmentation: how frames are changed.
      mirroring: how often they are mirrored.
      part: if `batch` is a part of a batch, which one; the changes are then those of its examples in the whole batch.

    Returns:
      {"frames": float32 [B, T, H, W, 3] of 0 to 255, "valid": float32 [B, T], and if there is flow "flows": float32
      [B, T, H/4, W/4, 2] in heatmap px}, and targets float32 [B, J, 3].
    """
    # Move frames, flow and joints.
    seeds = tf.random.experimental.stateless_split(seed, 4)
    changes, mirrored = random_matrices(
        seeds[0], tf.shape(batch["frames"])[0], size_hw, augmentation, mirroring.probability, part
    )
    targets = transform_targets(batch["targets"], changes, mirrored, size_hw, mirroring.flip_permutation)
    window = map_to_input(batch, size_hw, changes)
    # Change the pixels.
    frames = pixel_changes.recolor(window["frames"], seeds[1], augmentation, part)
    frames = pixel_changes.occlude(frames, seeds[2], augmentation, part)
    frames = pixel_changes.add_noise(frames, seeds[3], augmentation, part)
    return {**window, "frames": frames}, targets


def map_to_input(batch: dict, size_hw: tuple[int, int], changes: tf.Tensor | None = None) -> dict:
    """Maps windows of frames, and the flow between them, to the net's input.

    Args:
      batch: what `Samples.read_batch` returns.
      size_hw: (height, width) of the input in px.
      changes: float32 [B, 3, 3], input px to input px, applied afterwards; None: no change.

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
    part: BatchPart | None = None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Draws affine maps about the centre of the input: mirror, stretch, shear, rotate, zoom and shift.

    Args:
      seed: int64 [2].
      count: B.
      size_hw: (height, width) of the input in px.
      augmentation: how much to change.
      mirror_probability: 0 to 1.
      part: if the maps are for a part of a batch, which one.

    Returns:
      float32 [B, 3, 3], input px to input px, and bool [B], whether each of them mirrors.
    """
    # Draw the changes.
    height, width = size_hw
    drawn = tf.random.stateless_uniform([7, count if part is None else part.size], seed, -1.0, 1.0)
    draws = tf.unstack(drawn if part is None else part.cut(drawn, count, axis=1))
    zoom = tf.exp(draws[0] * math.log1p(augmentation.scale))
    angle = draws[1] * (augmentation.rotation_deg * math.pi / 180)
    mirrored = (draws[2] + 1) / 2 < mirror_probability
    flip = tf.where(mirrored, -1.0, 1.0)  # about the centre, x to (W − 1) − x is a change of sign
    stretch = tf.exp(draws[5] * (math.log1p(augmentation.stretch) / 2))
    shear = draws[6] * (augmentation.stretch / 2)
    # Join them to a linear map [[a, b], [c, d]].
    cos = zoom * tf.cos(angle)
    sin = zoom * tf.sin(angle)
    wide = flip * stretch
    high = 1 / stretch
    a = cos * wide
    b = (cos * shear - sin) * high
    c = sin * wide
    d = (sin * shear + cos) * high
    # Keep the centre in its place, apart from the shift.
    center_x = (width - 1) / 2
    center_y = (height - 1) / 2
    move_x = center_x + draws[3] * (augmentation.shift * width) - a * center_x - b * center_y
    move_y = center_y + draws[4] * (augmentation.shift * height) - c * center_x - d * center_y
    zero = tf.zeros_like(a)
    rows = tf.stack([a, b, move_x, c, d, move_y, zero, zero, zero + 1], -1)
    return tf.reshape(rows, [-1, 3, 3]), mirrored


def warp_frames(frames: tf.Tensor, matrices: tf.Tensor, size_hw: tuple[int, int]) -> tf.Tensor:
    """Resamples windows of frames by an affine map for each window (bilinear, black outside).

    Args:
      frames: uint8 [B, T, h, w, 3].
      matrices: float32 [B, 3, 3], px of `frames` to px of the result.
      size_hw: (height, width) of the result in px.

    Returns:
      float32 [B, T, H, W, 3], 0 to 255.
    """
    return _warp_affinely(tf.cast(frames, tf.float32), matrices, size_hw)


def warp_flows(flows: tf.Tensor, matrices: tf.Tensor, size_hw: tuple[int, int]) -> tf.Tensor:
    """Maps flow to the grid of the heatmaps: each vector is moved with its pixel, rotated and scaled.

    Args:
      flows: float32 [B, T, h, w, 2], (dx, dy) in px of its grid.
      matrices: float32 [B, 3, 3], px of that grid to input px.
      size_hw: (height, width) of the input in px.

    Returns:
      float32 [B, T, H/4, W/4, 2] in heatmap px; zero outside the frame.
    """
    to_heatmap = tf.constant(geometry.scaling(1 / geometry.HEATMAP_STRIDE), tf.float32)
    matrices = tf.matmul(to_heatmap[None], matrices)
    warped = _warp_affinely(flows, matrices, tuple(side // geometry.HEATMAP_STRIDE for side in size_hw))
    return tf.einsum("bthwc,bdc->bthwd", warped, matrices[:, :2, :2])


def _warp_affinely(images, matrices, size_hw):
    """Warps float32 [B, T, h, w, C] by an affine map [B, 3, 3] per window to [B, T, *size_hw, C]; zero outside."""
    batch, length, height, width = tf.unstack(tf.shape(images)[:4])
    channels = images.shape[-1]
    # The operation takes the inverse map without its last number, and all frames in one batch.
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
    """Moves joints with their frames, swaps left and right if mirrored, and drops joints outside the input.

    Args:
      targets: float32 [B, J, 3], (x, y, weight) in px.
      matrices: float32 [B, 3, 3], px to input px.
      mirrored: bool [B], whether each of them mirrors.
      size_hw: (height, width) of the input in px.
      flip_permutation: int [J]; empty if nothing is mirrored.

    Returns:
      float32 [B, J, 3]; joints outside the input have weight 0 and position 0.
    """
    # Move the joints.
    points = targets[..., :2]
    weight = targets[..., 2:]
    points = tf.matmul(points, matrices[:, :2, :2], transpose_b=True) + matrices[:, None, :2, 2]
    # Drop those outside the input.
    edge = tf.constant([size_hw[1] - 0.5, size_hw[0] - 0.5])
    inside = tf.reduce_all((points >= -0.5) & (points <= edge), axis=-1, keepdims=True)
    kept = tf.where(inside & (weight > 0), tf.concat([points, weight], -1), 0.0)
    # Swap left and right.
    if len(flip_permutation):
        kept = tf.where(mirrored[:, None, None], tf.gather(kept, np.asarray(flip_permutation), axis=1), kept)
    return kept
