"""Random changes of pixels alone: colour and light, noise, and boxes that cover a part of the frame.

Pure functions of a seed on whole batches, in the graph; joints do not change. Letters: B batch, T frames, H W network
input.
"""

from __future__ import annotations

import math

import tensorflow as tf

from keras_pose.data.batch_part import BatchPart, draw_uniform
from keras_pose.data.config import AugmentationConfig

_DARKEST = 1e-6  # of 0 to 255: black has no logarithm


def recolor(
    frames: tf.Tensor, seed: tf.Tensor, augmentation: AugmentationConfig, part: BatchPart | None = None
) -> tf.Tensor:
    """Changes tone curve, contrast, brightness, colour balance and the direction of the light, one draw per clip.

    Args:
      frames: float32 [B, T, H, W, 3], 0 to 255.
      seed: int64 [2].
      augmentation: how much to change.
      part: if the clips are a part of a batch, which one.

    Returns:
      float32 [B, T, H, W, 3]; values may be a little outside 0 to 255.
    """
    strength = augmentation.color
    if strength <= 0:
        return frames
    # Draw the changes of each clip.
    draws = draw_uniform(seed, tf.shape(frames)[0], [1, 1, 1, 8], -1.0, 1.0, part)
    gamma = tf.exp(draws[..., :1] * (0.4 * strength))
    contrast = tf.exp(draws[..., 1:2] * (0.4 * strength))
    balance = tf.exp(draws[..., 2:5] * (0.25 * strength))
    offset = draws[..., 5:6] * (60.0 * strength)
    light = _ramps(draws[..., 6:7], draws[..., 7:8], frames) * (40.0 * strength)
    # Apply them.
    # 255 · (frames / 255)^gamma; the power itself takes four times as long as a logarithm and an exponential.
    frames = tf.exp(gamma * tf.math.log(tf.maximum(frames, _DARKEST)) + (1 - gamma) * math.log(255.0))
    mean = tf.reduce_mean(frames[:, 0, ::4, ::4], [1, 2, 3])[:, None, None, None, None]
    # ((frames − mean) · contrast + mean) · balance + offset + light, as one product and one sum over the pixels.
    return frames * (contrast * balance) + (mean * (1 - contrast) * balance + offset + light)


def _ramps(slope_x, slope_y, frames):
    """Returns float32 [B, 1, H, W, 1], a plane that is 0 in the middle and reaches the slopes at the borders."""
    columns = tf.linspace(-1.0, 1.0, tf.shape(frames)[3])[None, None, None, :, None]
    rows = tf.linspace(-1.0, 1.0, tf.shape(frames)[2])[None, None, :, None, None]
    return slope_x * columns + slope_y * rows


def add_noise(
    frames: tf.Tensor, seed: tf.Tensor, augmentation: AugmentationConfig, part: BatchPart | None = None
) -> tf.Tensor:
    """Adds pixel noise and clips to 0..255.

    The whole batch shares one field of noise, and each clip has its own strength and sign: a field per clip would cost
    as much as all other changes together.

    Args:
      frames: float32 [B, T, H, W, 3], 0 to 255.
      seed: int64 [2].
      augmentation: how much to change.
      part: if the clips are a part of a batch, which one.

    Returns:
      float32 [B, T, H, W, 3], 0 to 255.
    """
    if augmentation.noise > 0:
        keys = tf.random.experimental.stateless_split(seed, 2)
        strength = draw_uniform(keys[0], tf.shape(frames)[0], [1, 1, 1, 1], -1.0, 1.0, part)
        frames += strength * augmentation.noise * tf.random.stateless_normal(tf.shape(frames)[1:], keys[1])
    return tf.clip_by_value(frames, 0.0, 255.0)


def occlude(
    frames: tf.Tensor, seed: tf.Tensor, augmentation: AugmentationConfig, part: BatchPart | None = None
) -> tf.Tensor:
    """Covers a box of random colour and size (10 to 40 % of each side), the same in the whole window.

    Joints under the box keep their labels: the net learns to infer them from what is visible.

    Args:
      frames: float32 [B, T, H, W, 3], 0 to 255.
      seed: int64 [2].
      augmentation: how much to change.
      part: if the clips are a part of a batch, which one.

    Returns:
      float32 [B, T, H, W, 3].
    """
    if augmentation.occlusion <= 0:
        return frames
    batch, _, height, width = tf.unstack(tf.shape(frames)[:4])
    keys = tf.random.experimental.stateless_split(seed, 2)
    draws = draw_uniform(keys[0], batch, [5], part=part)
    color = draw_uniform(keys[1], batch, [1, 1, 1, 3], 0.0, 255.0, part)

    def span(center, size, length):
        """Returns bool [B, length], whether a pixel of one side is in the box; center and size 0 to 1."""
        places = (tf.range(tf.cast(length, tf.float32)) + 0.5) / tf.cast(length, tf.float32)
        return tf.abs(places[None, :] - center[:, None]) < (0.1 + 0.3 * size[:, None]) / 2

    covered = span(draws[:, 0], draws[:, 1], height)[:, :, None] & span(draws[:, 2], draws[:, 3], width)[:, None, :]
    # Only the clips that have a box are written again.
    chosen = tf.where(draws[:, 4] < augmentation.occlusion)
    covered, color, behind = (tf.gather(whole, chosen[:, 0]) for whole in (covered, color, frames))
    return tf.tensor_scatter_nd_update(frames, chosen, tf.where(covered[:, None, :, :, None], color, behind))
